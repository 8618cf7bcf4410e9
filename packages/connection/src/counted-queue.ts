/** What waits to be written, in order, and how many bytes that is. */
export class CountedQueue<Item> {
	/** All that is kept alive. */
	readonly items: Item[] = [];
	/** Bytes in the queue. */
	bytes: number = 0;
	readonly #sizeOf: (item: Item) => number;
	#taken: number = 0;

	constructor(sizeOf: (item: Item) => number) {
		this.#sizeOf = sizeOf;
	}

	push(item: Item): void {
		this.items.push(item);
		this.bytes += this.#sizeOf(item);
	}

	next(): Item | null {
		const item = this.items[this.#taken];
		if (item === undefined) return null;
		this.bytes -= this.#sizeOf(item);
		this.#taken++;
		// `shift` would move the whole queue for every item; this moves each item at most once on average, and a queue
		// that never runs empty does not keep what it has given out.
		if (this.#taken * 2 > this.items.length) {
			this.items.splice(0, this.#taken);
			this.#taken = 0;
		}
		return item;
	}

	/** All that waits. Nothing is taken. */
	waiting(): readonly Item[] {
		return this.items.slice(this.#taken);
	}
}
