/** What waits to be written, in order, and how many bytes that is. */
export class CountedQueue<Item> {
	/** All that is kept alive. null: it was given out. */
	readonly items: (Item | null)[] = [];
	/** Bytes in the queue. */
	bytes: number = 0;
	readonly #sizeOf: (item: Item) => number;
	#taken: number = 0;

	constructor(sizeOf: (item: Item) => number) {
		this.#sizeOf = sizeOf;
	}

	/** How many items wait. */
	get size(): number {
		return this.items.length - this.#taken;
	}

	push(item: Item): void {
		this.items.push(item);
		this.bytes += this.#sizeOf(item);
	}

	next(): Item | null {
		const item = this.items[this.#taken] ?? null;
		if (item === null) return null;
		this.bytes -= this.#sizeOf(item);
		this.items[this.#taken] = null;
		this.#taken++;
		// `shift` would move the whole queue for every item; this moves each place at most once on average, and a queue that never
		// runs empty does not grow.
		if (this.#taken * 2 > this.items.length) {
			this.items.splice(0, this.#taken);
			this.#taken = 0;
		}
		return item;
	}
}
