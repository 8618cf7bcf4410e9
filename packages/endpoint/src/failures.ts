import type { ConnectionError } from "./errors.ts";

/** The failures of one session. */
export class Failures {
	/** This endpoint failed the connection. The application gets no more messages, so that one failure is reported only once. */
	hasFailed: boolean = false;
	/** The failure that the peer caused, if that is why the connection failed. */
	ofPeer: ConnectionError | null = null;
	/** The failure that was reported to the application last. */
	#told: unknown = undefined;

	/** Whether to report the error: once, also if it passes through several handlers and promises. */
	isNews(error: unknown): boolean {
		if (this.#told === error && error !== undefined) return false;
		this.#told = error;
		return true;
	}
}
