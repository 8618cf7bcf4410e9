import type { SignalSource } from "./request-parts.ts";

/**
 * Whether and why a request was aborted, and the signal that tells so, made when somebody asks for it. It holds nothing of the
 * connection: an application may keep a Request for long.
 */
export class Abortion implements SignalSource {
	#controller: AbortController | null = null;
	#reason: DOMException | null = null;

	/** null: it was not aborted. */
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

	/** The first reason stays. Returns whether this is the first. */
	abort(why: string): boolean {
		if (this.#reason !== null) return false;
		this.#reason = new DOMException(why, "AbortError");
		this.#controller?.abort(this.#reason);
		return true;
	}
}
