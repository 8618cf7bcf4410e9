import type { Closed } from "@barewire/connection";
import { ConnectionError } from "./errors.ts";
import type { ClosedEvent } from "./socket.ts";

/** How a session has ended. What the application gets of it is made when it asks: an error is dear, and few ask. */
export class SessionEnd {
	readonly #event: Closed;
	/** Bytes that the system never took. */
	readonly #lost: number;
	/** Why the connection was failed from here, when that was the peer's doing. */
	readonly #ofPeer: ConnectionError | null;
	#closedEvent: ClosedEvent | null = null;

	constructor(event: Closed, lost: number, ofPeer: ConnectionError | null) {
		this.#event = event;
		this.#lost = lost;
		this.#ofPeer = ofPeer;
	}

	/** Always the same object. */
	get closedEvent(): ClosedEvent {
		this.#closedEvent ??= this.#make();
		return this.#closedEvent;
	}

	#make(): ClosedEvent {
		const { code, reason, wasClean, by, stage, failure, unsent } = this.#event;
		const ended = { code, reason, wasClean, by, stage, unsent: unsent + this.#lost };
		const error = failure === null ? this.#ofPeer : new ConnectionError(failure);
		return error === null ? ended : { ...ended, error };
	}
}
