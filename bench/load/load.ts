/** Something that keeps a server busy. */
export interface Load {
	/** Resolves with how many messages, requests or openings there were, once the last of them is done. */
	run(until: { readonly milliseconds: number }): Promise<number>;
	/** Looks at what `run` has only kept, and throws when it is not what it must be. */
	check?(): void;
	/** Bytes of payload that the server sent for each byte of the messages; 1 where nothing is compressed. */
	readonly share?: number;
	/** How long the messages of the last run took; null: it was not looked at. */
	readonly latency?: Latency | null;
	/** Breaks everything off. */
	reset(): void;
}

/** Microseconds from a message's write to its echo. */
export interface Latency {
	readonly p50: number;
	readonly p99: number;
}
