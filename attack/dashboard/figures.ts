import type { Arrived, FeedFigures, Standing } from "./protocol.ts";

/** What was measured of a policy on a runtime. */
export interface Figures {
	/** Without slow subscribers. */
	readonly quiet: Arrived;
	/** With them. */
	readonly during: Arrived;
	/** Of the server, from when the slow ones were there until they had caught up. */
	readonly server: FeedFigures;
	/** The most memory of its process from then on, in bytes. */
	readonly peak: number;
	/** The longest turn of its event loop, in milliseconds. */
	readonly turn: number;
	readonly standing: Standing;
}

export type Outcome = Figures | { readonly broken: string };
