import type { ConnectionError } from "./errors.ts";

/** What has gone wrong in one session. */
export class Failures {
	/** The connection was failed from here: the application gets no more messages, so that it is told of one failure once. */
	hasFailed: boolean = false;
	/** What it was failed for, when that was the peer's doing. */
	ofPeer: ConnectionError | null = null;
	/** The failure that the application was told of last. */
	#told: unknown = undefined;

	/** Whether the application is to be told: once, however many handlers and promises the failure passes through. */
	isNews(error: unknown): boolean {
		if (this.#told === error && error !== undefined) return false;
		this.#told = error;
		return true;
	}
}
