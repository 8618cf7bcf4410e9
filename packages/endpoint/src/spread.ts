import type { Platform } from "./platform.ts";

const RANGE = 2 ** 32;

/**
 * Does one thing to each of many items, each at a random moment of a span of time. The span is divided into as many parts as
 * there are items, and each item gets a random part, and a random moment in it. So the items are in no order, but they are
 * evenly distributed: moments that are only random would come in crowds.
 */
export class Spread<Item> {
	readonly #platform: Platform;
	readonly #act: (item: Item) => void;
	/** What is left, the last one first. */
	#items: Item[];
	/** When each of them is due. */
	#moments: number[] = [];
	#cancel: (() => void) | null = null;

	constructor(items: Iterable<Item>, platform: Platform, act: (item: Item) => void) {
		this.#items = [...items];
		this.#platform = platform;
		this.#act = act;
	}

	/** What is left is done within so many milliseconds from now. 0: now. */
	within(span: number): void {
		this.stop();
		const words = new Uint32Array(2);
		const bytes = new Uint8Array(words.buffer);
		const count = this.#items.length;
		const part = span / count;
		const start = this.#platform.now();
		this.#moments = new Array(count);
		for (let i = 0; i < count; i++) {
			this.#platform.random(bytes);
			const [choice = 0, moment = 0] = words;
			const other = i + Math.floor((choice / RANGE) * (count - i));
			// The cast is safe: both are below the count.
			[this.#items[i], this.#items[other]] = [this.#items[other] as Item, this.#items[i] as Item];
			this.#moments[i] = start + (count - 1 - i + moment / RANGE) * part;
		}
		if (span === 0) this.#doAll();
		else this.#goOn();
	}

	stop(): void {
		this.#cancel?.();
		this.#cancel = null;
	}

	#doAll(): void {
		for (const item of this.#items.splice(0)) this.#act(item);
	}

	#goOn(): void {
		this.#cancel = null;
		const now = this.#platform.now();
		for (;;) {
			const next = this.#moments.at(-1);
			if (next === undefined) return;
			if (next > now) {
				this.#cancel = this.#platform.setTimer(() => this.#goOn(), next - now);
				return;
			}
			this.#moments.pop();
			// The cast is safe: there is an item for each moment.
			this.#act(this.#items.pop() as Item);
		}
	}
}
