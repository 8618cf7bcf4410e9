import type { Left } from "./leaving.ts";

/** Subscribers that read all at once, 10 KB a second, and never. */
export type Kind = "fast" | "slow" | "never";

/** What the readers' process is asked: each is answered once. */
export type ReadersRequest =
	| { readonly ask: "open"; readonly port: number; readonly kind: Kind; readonly count: number }
	/** Tell with `arrived` what comes from now on. */
	| { readonly ask: "begin" }
	| { readonly ask: "arrived" }
	/** All read on as fast as they can. Answered when each has got a value that was published later, or has ended. */
	| { readonly ask: "catchUp" };

/** What came to the fast ones. */
export interface Arrived {
	readonly values: number;
	/** From publishing to arrival, in milliseconds. */
	readonly p50: number;
	readonly p99: number;
}

/** How it stands with all of them, since they were opened. */
export interface Standing {
	/** Values that came behind one that was published later. */
	readonly disorder: number;
	/** Values that did not come, in front of one that did: to the fast ones, and to the others. */
	readonly missing: number;
	readonly missingSlow: number;
	/** How many fast ones the server has ended. */
	readonly fastEnded: number;
	/** How many others there are. */
	readonly slow: number;
	/** How many of them it has ended, and how many of those that are left have not caught up in time. */
	readonly slowEnded: number;
	readonly behind: number;
}

export type ReadersReply = { readonly done: true } | Arrived | Standing | { readonly error: string };

/** What the server is asked, in a word. "fill": write to the slow ones until the system takes no more, then subscribe them. */
export type FeedRequest = "fill" | "begin" | "figures";

/** What the server has seen since "begin". */
export interface FeedFigures {
	readonly all: Left;
	readonly slow: Left;
	/** The most bytes that the connections held together, and that one of them did. */
	readonly held: number;
	readonly heldByOne: number;
	/** How subscribers ended, since the server began: how many by each cause. */
	readonly ends: Readonly<Record<string, number>>;
}

export type FeedReply = { readonly filled: true } | { readonly begun: true } | FeedFigures;
