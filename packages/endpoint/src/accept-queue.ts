import { type Platform, webPlatform } from "./platform.ts";

/** Rounds of the event loop without a new connection, after which the queue counts as empty. In each the sockets are polled. */
const QUIET_ROUNDS = 3;

/** Milliseconds after which the listener is closed although clients still come: they could come for ever. */
const LONGEST = 1_000;

/**
 * Empties the queue of a listening socket. Its clients are connected, as they see it, and have sent their requests: the system
 * resets those that are in the queue when the listening socket is closed. No runtime reports how many there are. But each
 * round of its event loop accepts at least one, so after some rounds that have accepted none, there are none.
 */
export class AcceptQueue {
	readonly #platform: Platform;
	readonly #isBusy: () => boolean;
	#accepted: number = 0;

	/** `isBusy`: whether an accepted client is not ready yet, for example because of its TLS handshake. */
	constructor(platform: Platform = webPlatform, isBusy: () => boolean = () => false) {
		this.#platform = platform;
		this.#isBusy = isBusy;
	}

	/** A client was accepted. */
	accepted(): void {
		this.#accepted++;
	}

	/** Resolves when the queue is empty: close the listener in the same turn. */
	async emptied(): Promise<void> {
		const platform = this.#platform;
		const end = platform.now() + LONGEST;
		for (let quiet = 0; quiet < QUIET_ROUNDS && platform.now() < end; ) {
			const before = this.#accepted;
			await new Promise<void>((resolve) => platform.nextTurn(resolve));
			quiet = this.#accepted === before && !this.#isBusy() ? quiet + 1 : 0;
		}
	}
}
