import type { Closed } from "@barewire/connection";
import { ConnectionError } from "./errors.ts";
import type { ClosedEvent } from "./socket.ts";

/**
 * How a session has ended. The event for the application is created when it is first used: an error is expensive to create,
 * and few applications use it.
 */
export class SessionEnd {
	readonly #event: Closed;
	/** Bytes that the system never took. */
	readonly #lost: number;
	/** The failure that the peer caused, if this endpoint failed the connection because of it. */
	readonly #ofPeer: ConnectionError | null;
	#closedEvent: ClosedEvent | null = null;

	constructor(event: Closed, lost: number, ofPeer: ConnectionError | null) {
		this.#event = event;
		this.#lost = lost;
		this.#ofPeer = ofPeer;
	}

	/** It is always the same object. */
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
