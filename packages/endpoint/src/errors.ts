import type { ConnectionFailure } from "@barewire/connection";

/** The opening handshake failed: the server refused it or broke a rule, the connection ended, or the time was over. */
export class HandshakeError extends Error {
	readonly code: "ERR_HANDSHAKE_REFUSED" | "ERR_HANDSHAKE_INVALID" | "ERR_HANDSHAKE_ENDED" | "ERR_HANDSHAKE_TIMED_OUT";
	/** The server's answer with its body, if its status was not 101; otherwise null. */
	readonly response: Response | null;

	constructor(code: HandshakeError["code"], message: string, response: Response | null = null) {
		super(message);
		this.name = "HandshakeError";
		this.code = code;
		this.response = response;
	}
}

/** The cause when a WebSocket connection ended without a closing handshake. */
export class ConnectionError extends Error {
	/** The broken rule, or the failure of a timeout or of the stream. */
	readonly kind: ConnectionFailure["kind"];
	/** The close code for this failure. */
	readonly closeCode: number;
	/** The section that contains the rule. */
	readonly section: string;

	constructor(failure: ConnectionFailure) {
		super(`${failure.message} (${failure.section})`);
		this.name = "ConnectionError";
		this.kind = failure.kind;
		this.closeCode = failure.code;
		this.section = failure.section;
	}
}

/** The socket is closed: the requested operation is not possible any more. */
export class SocketClosedError extends Error {
	readonly code = "ERR_SOCKET_CLOSED";

	constructor() {
		super("the socket is closed");
		this.name = "SocketClosedError";
	}
}
