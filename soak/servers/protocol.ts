/** What a server of the soak is asked. Each is answered by its counts. */
export type ServerRequest = "count" | "close";

/** What a server, or the process of clients on a runtime, counts of itself. */
export interface Counts {
	readonly connections: number;
	readonly sockets: number;
	/** The numbers of `server.stats`. */
	readonly stats: Readonly<Record<string, number>>;
	/** null: the runtime does not tell. */
	readonly handles: number | null;
}
