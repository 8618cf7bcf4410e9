import type { Address } from "./stream.ts";

/** A client of a Unix domain socket has no path of its own. */
const NO_PATH: Address = { transport: "unix", path: "" };

/** The two ends of a stream, as one side sees them. */
export interface Ends {
	readonly local: Address;
	readonly remote: Address;
}

/** The ends of a stream over a Unix domain socket with that path, as its server sees them. */
export function unixServerEnds(path: string): Ends {
	return { local: { transport: "unix", path }, remote: NO_PATH };
}

/** The ends of a stream over a Unix domain socket with that path, as its client sees them. */
export function unixClientEnds(path: string): Ends {
	return { local: NO_PATH, remote: { transport: "unix", path } };
}
