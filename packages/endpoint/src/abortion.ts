import type { SignalSource } from "./request-parts.ts";

/**
 * Whether and why a request was aborted, with an AbortSignal that is created when it is first used. It holds no reference
 * to the connection, because an application may keep a Request for long.
 */
export class Abortion implements SignalSource {
	#controller: AbortController | null = null;
	#reason: DOMException | null = null;

	/** null: the request was not aborted. */
	get reason(): DOMException | null {
		return this.#reason;
	}

	get signal(): AbortSignal {
		if (this.#controller === null) {
			this.#controller = new AbortController();
			if (this.#reason !== null) this.#controller.abort(this.#reason);
		}
		return this.#controller.signal;
	}

	/** Keeps the first reason. Returns whether this is the first. */
	abort(why: string): boolean {
		if (this.#reason !== null) return false;
		this.#reason = new DOMException(why, "AbortError");
		this.#controller?.abort(this.#reason);
		return true;
	}
}
