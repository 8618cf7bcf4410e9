/** What a client that is refused has to get, to its last byte. */
export const REFUSAL: string = "refused\n".repeat(5000);

/** Pages that a client of HTTP asks for on its connection, and messages that a WebSocket sends. */
export const ROUNDS = 4;

/** What the server has seen. */
export interface Seen {
	pages: number;
	/** WebSockets that were let in. */
	opened: number;
	refused: number;
	messages: number;
	/** WebSockets that ended with a closing handshake. */
	clean: number;
	errors: number;
	/** Connections that the HTTP server has now. */
	atOnce: number;
}

/** A process of clients: so many connections, to that port. */
export interface Task {
	readonly port: number;
	readonly connections: number;
}

/** What a process of clients has done. */
export interface Done {
	pages: number;
	sockets: number;
	echoes: number;
	refused: number;
	/** Connections that stay until everybody has come. */
	held: number;
	closed: number;
	/** What went otherwise than it should. */
	readonly faults: string[];
}
