/** What an unread message adds to the read-ahead besides its bytes. */
const MESSAGE_OVERHEAD = 64;

/** The approximate memory of its objects beyond that: a view and a buffer, on Node and Deno. */
const OBJECTS = 192;

/**
 * This many bytes are read ahead of the application, so that a pong or a Close frame behind a few unread messages is still
 * read.
 */
const READ_AHEAD = 64 * 1024;

/** The messages between a socket and its `message` handler or its `for await` loop. */
export class MessageQueue<Message> {
	readonly #messages: { readonly message: Message; readonly size: number }[] = [];
	#size: number = 0;
	#waiters: ((result: IteratorResult<Message, undefined>) => void)[] = [];
	#hasEnded: boolean = false;

	/** Approximate bytes of memory of the messages. */
	get held(): number {
		return this.#size + this.#messages.length * OBJECTS;
	}

	get isEmpty(): boolean {
		return this.#messages.length === 0;
	}

	/** Whether a loop waits for a message to come, or the read-ahead has room for another one. */
	get hasRoom(): boolean {
		return this.isAwaited || this.#size < READ_AHEAD;
	}

	/** Whether a loop waits and the queue is empty. */
	get isAwaited(): boolean {
		return this.isEmpty && this.#waiters.length > 0;
	}

	/** Whether a loop waits although the queue has a message. */
	get isOwed(): boolean {
		return !this.isEmpty && this.#waiters.length > 0;
	}

	/** Whether a loop waits. */
	get hasWaiters(): boolean {
		return this.#waiters.length > 0;
	}

	/** The waiting messages. */
	get messages(): readonly Message[] {
		return this.#messages.map(({ message }) => message);
	}

	/** `size`: in bytes, or in characters. */
	push(message: Message, size: number): void {
		// If messages are waiting, this one goes behind them.
		const waiter = this.isEmpty ? this.#waiters.shift() : undefined;
		if (waiter !== undefined) return waiter({ done: false, value: message });
		this.#messages.push({ message, size });
		this.#size += size + MESSAGE_OVERHEAD;
	}

	/** The next message, if there is one. */
	shift(): Message | undefined {
		const first = this.#messages.shift();
		if (first !== undefined) this.#size -= first.size + MESSAGE_OVERHEAD;
		return first?.message;
	}
	/** For the loop: the next message; done when the connection has ended and all messages were taken. */
	take(): Promise<IteratorResult<Message, undefined>> {
		const message = this.shift();
		if (message !== undefined) return Promise.resolve({ done: false, value: message });
		if (this.#hasEnded) return Promise.resolve({ done: true, value: undefined });
		return this.wait();
	}

	/** For the loop: waits for the next message that comes, or for `give`. */
	wait(): Promise<IteratorResult<Message, undefined>> {
		return new Promise((resolve) => this.#waiters.push(resolve));
	}

	/** Gives the next waiting message to the longest-waiting caller. */
	give(): void {
		if (this.isOwed) this.#waiters.shift()?.({ done: false, value: this.shift() as Message });
		if (this.#hasEnded) this.end();
	}

	/** No further message comes. A caller that is owed a message still gets it. */
	end(): void {
		this.#hasEnded = true;
		if (this.isEmpty) this.release();
	}

	/** Ends the waiting of all callers without a message. */
	release(): void {
		for (const resolve of this.#waiters.splice(0)) resolve({ done: true, value: undefined });
	}
}
