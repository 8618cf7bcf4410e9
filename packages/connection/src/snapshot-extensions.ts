import { UsageError } from "@barewire/errors";
import type { Extension } from "@barewire/framing";
import type { ConnectionSettings } from "./settings.ts";
import type { ConnectionSnapshot } from "./snapshot.ts";

/**
 * Returns the part of a snapshot for one extension. Throws a `UsageError` (ERR_SNAPSHOT_UNAVAILABLE) when the extension can't
 * provide it now.
 */
export function snapshotExtension(extension: Extension): { name: string; state: unknown } {
	const { name } = extension;
	const taken = extension.snapshot();
	if (taken.ok) return { name, state: taken.state };
	throw new UsageError("ERR_SNAPSHOT_UNAVAILABLE", `the extension ${name} can't be moved: ${taken.reason}`);
}

/**
 * Creates the extensions of a snapshot and passes them to `make`. If anything throws, the extensions are released. Throws a
 * `UsageError`: ERR_SNAPSHOT, ERR_SNAPSHOT_SETTINGS, and those of `make`.
 */
export function withExtensions<Result>(
	snapshot: ConnectionSnapshot,
	settings: ConnectionSettings,
	make: (extensions: readonly Extension[]) => Result,
): Result {
	const { role, reader, sender } = snapshot;
	const known = role === "server" ? settings.serverExtensions : settings.clientExtensions;
	const extensions: Extension[] = [];
	try {
		let claimed = 0;
		for (const { name, state } of snapshot.extensions) {
			const extension = known.find((each) => each.name === name)?.restore?.(state);
			if (extension === undefined)
				throw new UsageError(
					"ERR_SNAPSHOT_SETTINGS",
					`the connection uses the extension ${name}: give settings with a ${role}'s extension of that name that can restore it`,
				);
			extensions.push(extension);
			claimed |= extension.rsv;
		}
		if (
			((reader.frames.message?.rsv ?? 0) & ~claimed) !== 0 ||
			((sender.frames?.unfinished?.rsv ?? 0) & ~claimed) !== 0
		)
			throw new UsageError("ERR_SNAPSHOT", "the snapshot has a message with reserved bits that no extension claims");
		return make(extensions);
	} catch (error) {
		for (const extension of extensions) extension.release();
		throw error;
	}
}
