import type { Tally } from "./tally.ts";

/** How a peer reads: at once, now and then, or nothing until all its messages are sent. */
export type Kind = "fast" | "slow" | "unreading";

export const KINDS: readonly Kind[] = ["fast", "slow", "unreading"];

/** One connection of a run. Its client puts it into the target of its request. */
export interface Plan {
	readonly id: number;
	readonly kind: Kind;
	readonly compression: boolean;
	/** How many messages go in each direction. */
	readonly messages: number;
	readonly moves: number;
}

/** What moves with a connection. */
export interface State extends Plan {
	/** The messages of the peer. */
	readonly tally: Tally;
	/** The number of the next message to the peer. */
	next: number;
	/** How many moves have begun. */
	moved: number;
	/** When the latest began. */
	began: number;
}

/** Milliseconds of a clock that all processes of a machine have in common. */
export const now = (): number => Number(process.hrtime.bigint()) / 1e6;
