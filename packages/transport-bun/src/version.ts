import { UsageError } from "@barewire/endpoint";

/** The first version of Bun that passes the tests of this package. */
const OLDEST = "1.4.4";

/**
 * A client on Bun 1.3 accepts any certificate, and up to 1.4.3 bytes, ends and resets get lost: so this package refuses to
 * run.
 */
export function checkVersion(version: string = Bun.version): void {
	if (Bun.semver.order(version, OLDEST) >= 0) return;
	throw new UsageError("ERR_RUNTIME", `Bun ${OLDEST} or later is needed, and this is ${version}`);
}
