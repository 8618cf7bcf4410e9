/** What the server is asked. It answers with its counts. */
export interface DrainRequest {
	readonly ask: "drain";
	readonly deadline: number;
	readonly spread: number;
}

/** What a process of clients is asked, in this order. It answers the first with the number of open sockets. */
export type ClientsRequest =
	| { readonly ask: "open"; readonly port: number; readonly successor: number; readonly count: number }
	| { readonly ask: "report" };

/** How the clients of a process saw the drain. */
export interface Seen {
	/** Closed with 1012, and the end of the stream behind it. */
	readonly clean: number;
	readonly reset: number;
	/** Ended without a Close frame. */
	readonly cut: number;
}
