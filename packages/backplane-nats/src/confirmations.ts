/** After so many bytes the server is asked whether it has taken them. */
const ASK_AFTER = 64 * 1024;

/** Fewer bytes wait for so many milliseconds. */
const ASK_WITHIN = 50;

/** A message takes some memory besides its subject and its bytes. */
const OVERHEAD = 64;

/**
 * Knows how much the server has taken. The client does not tell how much it holds, and the server does not confirm a
 * message, but it answers a PING behind the messages when it has read them.
 */
export class Confirmations {
	readonly #flush: () => Promise<void> | undefined;
	/** Bytes that are not confirmed. */
	#pending: number = 0;
	/** Bytes behind the last PING. */
	#unasked: number = 0;
	#timer: ReturnType<typeof setTimeout> | null = null;
	/** The answer to what is sent in this turn. */
	#next: Promise<void> | null = null;

	/** `flush` sends a PING, and resolves when its answer comes. */
	constructor(flush: () => Promise<void> | undefined) {
		this.#flush = flush;
	}

	get pending(): number {
		return this.#pending;
	}

	sent(size: number): void {
		this.#pending += size + OVERHEAD;
		this.#unasked += size + OVERHEAD;
		if (this.#unasked >= ASK_AFTER) this.#ask();
		else this.#timer ??= setTimeout(() => this.#ask(), ASK_WITHIN);
	}

	/** Resolves when the server has read all that is sent in this turn. One PING serves for all calls. */
	ofAll(): Promise<void> {
		this.#next ??= Promise.resolve().then(() => {
			this.#next = null;
			const answer = this.#flush();
			if (answer === undefined) throw new Error("there is no connection to NATS");
			return answer;
		});
		return this.#next;
	}

	/** The connection is lost, and with it what it has not sent. */
	clear(): void {
		this.#pending = 0;
		this.#unasked = 0;
		if (this.#timer !== null) clearTimeout(this.#timer);
		this.#timer = null;
	}

	#ask(): void {
		if (this.#timer !== null) clearTimeout(this.#timer);
		this.#timer = null;
		const asked = this.#unasked;
		this.#unasked = 0;
		// It rejects if the connection is lost, which is reported by an event of its own.
		this.#flush()?.then(
			() => {
				this.#pending = Math.max(0, this.#pending - asked);
			},
			() => {},
		);
	}
}
