/** What one connection carries while its server's CPU time is measured. */
export interface SpeedCase {
	readonly id: string;
	readonly title: string;
	readonly kind: "text" | "binary";
	/** Octets of payload in a message. */
	readonly size: number;
	/** How many messages are on their way at any time: each reply lets the next one go. */
	readonly inFlight: number;
	/** The largest ratio to ws that barewire may have; null: no mark. */
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

/** The case of memory held for idle connections, and the largest ratio to ws that barewire may have. */
export const IDLE = "idle";
export const IDLE_MARK = 1.0;

export const CASE_IDS: readonly string[] = [...SPEED_CASES.map(({ id }) => id), IDLE];

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
