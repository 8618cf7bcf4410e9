/** What an unread message counts besides its bytes against the read-ahead. */
const MESSAGE_OVERHEAD = 64;

/** What its objects take beyond that, about: a view and a buffer, as Node and Deno have them. */
const OBJECTS = 192;

/** So many bytes are read ahead of the application, so that a pong or a Close behind a few unread messages is still seen. */
const READ_AHEAD = 64 * 1024;

/** The messages between a socket and its `message` handler or its `for await` loop. */
export class MessageQueue<Message> {
	readonly #messages: { readonly message: Message; readonly size: number }[] = [];
	#size: number = 0;
	#waiters: ((result: IteratorResult<Message, undefined>) => void)[] = [];
	#hasEnded: boolean = false;

	/** Bytes of memory that they take, about. */
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

	/** Whether a loop waits for a message to come. */
	get isAwaited(): boolean {
		return this.isEmpty && this.#waiters.length > 0;
	}

	/** Whether a loop waits to be given a message that is there. */
	get isOwed(): boolean {
		return !this.isEmpty && this.#waiters.length > 0;
	}

	/** `size`: its bytes, or characters. */
	push(message: Message, size: number): void {
		// Behind those that are there.
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

	/** Forgets all that wait. */
	clear(): void {
		this.#messages.length = 0;
		this.#size = 0;
	}

	/** For the loop: the next message; done once the connection has ended and all were taken. */
	take(): Promise<IteratorResult<Message, undefined>> {
		const message = this.shift();
		if (message !== undefined) return Promise.resolve({ done: false, value: message });
		if (this.#hasEnded) return Promise.resolve({ done: true, value: undefined });
		return this.wait();
	}

	/** For the loop: the next message that comes, or that `give` gives. */
	wait(): Promise<IteratorResult<Message, undefined>> {
		return new Promise((resolve) => this.#waiters.push(resolve));
	}

	/** Whoever has waited longest gets the next message that is there. */
	give(): void {
		if (this.isOwed) this.#waiters.shift()?.({ done: false, value: this.shift() as Message });
		if (this.#hasEnded) this.end();
	}

	/** No further message comes. Whoever is owed one still gets it. */
	end(): void {
		this.#hasEnded = true;
		if (this.isEmpty) this.release();
	}

	/** Whoever waits gets no message. */
	release(): void {
		for (const resolve of this.#waiters.splice(0)) resolve({ done: true, value: undefined });
	}
}
