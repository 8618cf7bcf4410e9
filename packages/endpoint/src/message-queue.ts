/** What an unread message costs besides its bytes. */
const MESSAGE_OVERHEAD = 64;

/** So much is read ahead of a `for await` loop, so that a Close behind a few unread messages is still seen. */
const READ_AHEAD = 64 * 1024;

type Message = string | Uint8Array;
type Waiter = { resolve(result: IteratorResult<Message, undefined>): void };

/** The messages between a socket and its `for await` loop. */
export class MessageQueue {
	private messages: Message[] = [];
	private size: number = 0;
	private waiters: Waiter[] = [];
	private ended: boolean = false;

	/** Whether the loop, or the read-ahead, has room for another message. */
	get hasRoom(): boolean {
		return this.waiters.length > 0 || this.size < READ_AHEAD;
	}

	push(message: Message): void {
		const waiter = this.waiters.shift();
		if (waiter !== undefined) return waiter.resolve({ done: false, value: message });
		this.messages.push(message);
		this.size += message.length + MESSAGE_OVERHEAD;
	}

	/** The next message; done once the connection has ended and all were taken. */
	take(): Promise<IteratorResult<Message, undefined>> {
		const message = this.messages.shift();
		if (message !== undefined) {
			this.size -= message.length + MESSAGE_OVERHEAD;
			return Promise.resolve({ done: false, value: message });
		}
		if (this.ended) return Promise.resolve({ done: true, value: undefined });
		return new Promise((resolve) => this.waiters.push({ resolve }));
	}

	end(): void {
		this.ended = true;
		for (const waiter of this.waiters.splice(0)) waiter.resolve({ done: true, value: undefined });
	}
}
