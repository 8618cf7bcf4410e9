import type { Runtime } from "./runtimes.ts";

/** What one connection carries while its server's CPU time is measured. */
export interface SpeedCase {
	readonly id: string;
	readonly title: string;
	readonly kind: "text" | "binary";
	/** Octets of payload in a message. */
	readonly size: number;
	/** How many messages are on their way at any time: each reply lets the next one go. */
	readonly inFlight: number;
	/** The largest ratio to ws that barewire may have on Node; null: no mark. */
	readonly mark: number | null;
}

const KIB = 1024;

export const SPEED_CASES: readonly SpeedCase[] = [
	speedCase("20B", "text", 20, 1, 1.0),
	speedCase("20B", "text", 20, 32, 0.15),
	speedCase("1KiB", "text", KIB, 1, null),
	speedCase("1KiB", "text", KIB, 32, null),
	speedCase("16KiB", "binary", 16 * KIB, 1, 1.05),
	speedCase("16KiB", "binary", 16 * KIB, 32, 1.05),
	speedCase("1MiB", "binary", KIB * KIB, 1, null),
	speedCase("1MiB", "binary", KIB * KIB, 32, null),
];

/** The case of memory held for idle connections. */
export const IDLE = "idle";

/** What barewire may hold for an idle connection: so much of what the reference holds, and so many octets; null: no mark. */
export const IDLE_MARKS: Readonly<Record<Runtime, { readonly ratio: number | null; readonly octets: number | null }>> =
	{
		node: { ratio: 1.0, octets: null },
		deno: { ratio: 1.0, octets: 17_000 },
		bun: { ratio: null, octets: 3 * KIB },
	};

/** The case of transfers between a fast writer and a slow reader, and the octets that a server may grow by meanwhile. */
export const SLOW = "slow";
export const SLOW_MARK: number = 32 * KIB * KIB;

export const CASE_IDS: readonly string[] = [...SPEED_CASES.map(({ id }) => id), IDLE, SLOW];

function speedCase(
	name: string,
	kind: SpeedCase["kind"],
	size: number,
	inFlight: number,
	mark: number | null,
): SpeedCase {
	const title = `${name.replace(/(?<=\d)(?=[A-Z])/, " ")} ${kind} × ${inFlight} in flight`;
	return { id: `${name}x${inFlight}`, title, kind, size, inFlight, mark };
}
