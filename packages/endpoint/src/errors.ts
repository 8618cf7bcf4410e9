import type { ConnectionFailure } from "@barewire/connection";

/** The opening handshake ended in no WebSocket: the server refused or broke a rule, the connection ended, or time ran out. */
export class HandshakeError extends Error {
	readonly code: "ERR_HANDSHAKE_REFUSED" | "ERR_HANDSHAKE_INVALID" | "ERR_HANDSHAKE_ENDED" | "ERR_HANDSHAKE_TIMED_OUT";
	/** The server's answer with its body, when it was another status than 101; otherwise null. */
	readonly response: Response | null;

	constructor(code: HandshakeError["code"], message: string, response: Response | null = null) {
		super(message);
		this.name = "HandshakeError";
		this.code = code;
		this.response = response;
	}
}

/** What ended a WebSocket connection otherwise than by a closing handshake. */
export class ConnectionError extends Error {
	/** The rule that was broken, or what went wrong with time or the stream. */
	readonly kind: ConnectionFailure["kind"];
	/** The close code that stands for it. */
	readonly closeCode: number;
	/** Where the rule stands. */
	readonly section: string;

	constructor(failure: ConnectionFailure) {
		super(`${failure.message} (${failure.section})`);
		this.name = "ConnectionError";
		this.kind = failure.kind;
		this.closeCode = failure.code;
		this.section = failure.section;
	}
}

/** The socket is closed: what was asked of it can't happen any more. */
export class SocketClosedError extends Error {
	readonly code = "ERR_SOCKET_CLOSED";

	constructor() {
		super("the socket is closed");
		this.name = "SocketClosedError";
	}
}
