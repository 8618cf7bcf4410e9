import type { RequestHead } from "@barewire/http1";
import { HandshakeError } from "./errors.ts";
import { quiet } from "./quiet.ts";
import type { Socket } from "./socket.ts";

/** The request that a stream begins with, where another HTTP server has read its head. */
export interface GivenRequest<Data> {
	readonly head: RequestHead;
	/** No WebSocket is served at its path: it gets 404. */
	readonly isElsewhere?: boolean;
	/** Is told whether the client was let in. */
	readonly outcome?: UpgradeOutcome<Data>;
}

/** Is told whether a client was let in. The first answer counts. */
interface UpgradeOutcome<Data> {
	opened(socket: Socket<Data>): void;
	/** The client was answered with that status, or dropped without an answer: null. */
	refused(status: number | null, reason: string): void;
	/** The connection has ended before the client was let in. */
	ended(why: string): void;
}

/** A promise of the socket of a client that asks to be let in. */
export class PendingUpgrade<Data> implements UpgradeOutcome<Data> {
	/** Rejects with a `HandshakeError`; nobody has to listen. */
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
