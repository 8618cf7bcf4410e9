/** What the healthy client saw for a while; times in milliseconds. */
export interface Health {
	/** How many messages it sent. */
	readonly sent: number;
	/** How many did not come where they should, once each and in order. */
	readonly lost: number;
	readonly p50: number;
	readonly p99: number;
	/** What broke its connection; null: nothing did. */
	readonly failure: string | null;
}

/** What a server held once it had nothing to do and its garbage was collected. */
export interface Level {
	/** Bytes in use: on Node what the engine says, on Deno and Bun what lies in physical memory. */
	readonly bytes: number;
	/** Bytes in physical memory (`RssAnon`). */
	readonly resident: number;
	readonly files: number;
}

/** What was measured of one attack. */
export interface Figures {
	/** How much of its unit the attacker did, and in how many milliseconds. */
	readonly count: number;
	readonly milliseconds: number;
	/** The most memory, in bytes. */
	readonly peak: number;
	/** The longest turn of the server's event loop, in milliseconds. */
	readonly turn: number;
	readonly quiet: Health;
	readonly during: Health;
	readonly before: Level;
	readonly after: Level;
}

/** An attack that ended the server, or could not be made; why. */
interface Broken {
	readonly broken: string;
}

export type Outcome = Figures | Broken;
