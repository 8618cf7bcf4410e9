/** The items that wait to be written, in order, and their total size in bytes. */
export class CountedQueue<Item> {
	/** All items that are kept in memory. null: the item was given out. */
	readonly items: (Item | null)[] = [];
	/** Bytes in the queue. */
	bytes: number = 0;
	readonly #sizeOf: (item: Item) => number;
	#taken: number = 0;

	constructor(sizeOf: (item: Item) => number) {
		this.#sizeOf = sizeOf;
	}

	/** The number of waiting items. */
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
		// `shift` would move the whole queue for every item. This moves each item at most once on average, and a queue that never
		// becomes empty does not grow.
		if (this.#taken * 2 > this.items.length) {
			if (this.#taken === this.items.length) this.items.length = 0;
			else this.items.splice(0, this.#taken);
			this.#taken = 0;
		}
		return item;
	}
}
