/** Messages that come when they come, for one reader that waits for each. */
export class Inbox<Message> {
	private readonly messages: Message[] = [];
	private reader: { resolve(message: Message): void; reject(error: Error): void } | null = null;
	private isOver = false;

	push(message: Message): void {
		if (this.reader === null) this.messages.push(message);
		else this.reader.resolve(message);
		this.reader = null;
	}

	/** No more will come: whoever waits is told. */
	end(): void {
		this.isOver = true;
		this.reader?.reject(new Error("the connection ended before the message came"));
		this.reader = null;
	}

	next(): Promise<Message> {
		const message = this.messages.shift();
		if (message !== undefined) return Promise.resolve(message);
		return new Promise((resolve, reject) => {
			this.reader = { resolve, reject };
			if (this.isOver) this.end();
		});
	}
}
