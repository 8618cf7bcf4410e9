import type { RequestHead } from "@barewire/http1";
import { HandshakeError } from "./errors.ts";
import { quiet } from "./quiet.ts";
import type { Socket } from "./socket.ts";

/** The first request of a stream whose head another HTTP server has read. */
export interface GivenRequest<Data> {
	readonly head: RequestHead;
	/** No WebSocket is served at the path of the request: it gets 404. */
	readonly isElsewhere?: boolean;
	/** Receives the result: whether the client was let in. */
	readonly outcome?: UpgradeOutcome<Data>;
}

/** Receives the result for a client: whether it was let in. Only the first result counts. */
interface UpgradeOutcome<Data> {
	opened(socket: Socket<Data>): void;
	/** The client was answered with this status; null: the connection was dropped without an answer. */
	refused(status: number | null, reason: string): void;
	/** The connection has ended before the client was let in. */
	ended(why: string): void;
}

/** Provides a promise of the socket for a client whose request is not answered yet. */
export class PendingUpgrade<Data> implements UpgradeOutcome<Data> {
	/** Rejects with a `HandshakeError`. It need not be awaited. */
	readonly socket: Promise<Socket<Data>>;
	readonly #settle: PromiseWithResolvers<Socket<Data>>;

	constructor() {
		this.#settle = Promise.withResolvers();
		this.socket = quiet(this.#settle.promise);
	}

	opened(socket: Socket<Data>): void {
		this.#settle.resolve(socket);
	}

	refused(status: number | null, reason: string): void {
		const answer = status === null ? "dropped" : `refused with ${status}`;
		this.#settle.reject(new HandshakeError("ERR_HANDSHAKE_REFUSED", `the client was ${answer}: ${reason}`));
	}

	ended(why: string): void {
		this.#settle.reject(new HandshakeError("ERR_HANDSHAKE_ENDED", `the client was not let in: ${why}`));
	}
}
