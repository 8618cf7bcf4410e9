import { Agreements } from "./agreement.ts";
import type { Codec, Deflater, Inflater } from "./codec.ts";
import { type DeflateOptions, type DeflateSettings, deflateSettings, MAX_WINDOW_BITS } from "./settings.ts";

/** Maximum number of idle decompressors kept for reuse. */
const MAX_SPARE_INFLATERS = 8;

/** Somebody who holds a compressor. */
export interface ContextHolder {
	/** Whether it has compressed since it was last asked. */
	takeUsed(): boolean;
	/** Closes the compressor. The next message begins with an empty window, which a peer need not be told. */
	releaseContext(): void;
}

/**
 * What all connections of an endpoint share: the codec, the cap on contexts, and the compressors and decompressors that hold
 * no context.
 */
export class DeflateContexts {
	readonly settings: DeflateSettings;
	readonly agreements: Agreements = new Agreements();
	readonly #codec: Codec;
	readonly #changed: (isIdle: boolean) => void;
	readonly #holders = new Set<ContextHolder>();
	#connections = 0;
	/** Those whose peers were promised that their context is held. */
	#promised = 0;
	/** Compressors for messages without a context, by their window's bits. */
	readonly #contextFree = new Map<number, Deflater>();
	#contextFreeUsed = false;
	/** There was something to sweep, and somebody has been told so. */
	#isActive = false;
	#spareInflaters: Inflater[] = [];

	/**
	 * @param changed Called when there is something to sweep and was nothing before, and when there is nothing any more.
	 * @throws UsageError `ERR_INVALID_DEFLATE`
	 */
	constructor(codec: Codec, options: DeflateOptions = {}, changed: (isIdle: boolean) => void = () => {}) {
		this.settings = deflateSettings(options);
		this.#codec = codec;
		this.#changed = changed;
	}

	/**
	 * Gives back what was not used since the last sweep. Call it from time to time: a compressor is held for one to two of
	 * these times after its last message.
	 */
	sweep(): void {
		for (const holder of [...this.#holders]) if (!holder.takeUsed()) holder.releaseContext();
		if (!this.#contextFreeUsed) {
			for (const deflater of this.#contextFree.values()) deflater.close();
			this.#contextFree.clear();
		}
		this.#contextFreeUsed = false;
		for (const inflater of this.#spareInflaters.splice(0)) inflater.close();
		const isIdle = this.#holders.size === 0 && this.#contextFree.size === 0;
		if (!this.#isActive || !isIdle) return;
		this.#isActive = false;
		this.#changed(true);
	}

	// ── For the connections ────────────────────────────────────────────────────────────────────────────────────

	/** One more connection. true: its peer is promised that its context is held, as was asked and there is room for. */
	join(isToPromise: boolean): boolean {
		this.#connections++;
		const hasPromise = isToPromise && this.#promised < this.settings.maxContexts;
		if (hasPromise) this.#promised++;
		return hasPromise;
	}

	/** One more connection, which was agreed on elsewhere. What its peer was promised there counts, and is kept above the cap too. */
	joinRestored(hasPromise: boolean): void {
		this.#connections++;
		if (hasPromise) this.#promised++;
	}

	/** One connection less, which holds nothing any more. Behind the last one nothing is kept. */
	leave(hasPromise: boolean): void {
		this.#connections--;
		if (hasPromise) this.#promised--;
		if (this.#connections > 0) return;
		this.#contextFreeUsed = false;
		this.sweep();
	}

	/** A compressor with a context of its own; null: there are enough already. */
	acquire(holder: ContextHolder, windowBits: number): Deflater | null {
		if (this.#holders.size >= this.settings.maxContexts) return null;
		this.#used();
		const deflater = this.#deflater(windowBits);
		this.#holders.add(holder);
		return deflater;
	}

	/** The compressor that `acquire` gave is closed. */
	release(holder: ContextHolder): void {
		this.#holders.delete(holder);
	}

	/** A compressor that remembers nothing, for one call. */
	contextFree(windowBits: number): Deflater {
		this.#used();
		this.#contextFreeUsed = true;
		const known = this.#contextFree.get(windowBits);
		if (known !== undefined) {
			known.reset();
			return known;
		}
		const deflater = this.#deflater(windowBits);
		this.#contextFree.set(windowBits, deflater);
		return deflater;
	}

	/** A decompressor that is held for one peer. */
	inflater(windowBits: number): Inflater {
		return this.#codec.inflater(windowBits);
	}

	/** A decompressor that remembers nothing, for one message. */
	borrowInflater(): Inflater {
		return this.#spareInflaters.pop() ?? this.#codec.inflater(MAX_WINDOW_BITS);
	}

	/** The message has been read to its end. */
	returnInflater(inflater: Inflater): void {
		if (this.#spareInflaters.length >= MAX_SPARE_INFLATERS) return inflater.close();
		this.#used();
		inflater.reset();
		this.#spareInflaters.push(inflater);
	}

	#deflater(windowBits: number): Deflater {
		const { level, memoryLevel } = this.settings;
		return this.#codec.deflater({ windowBits, level, memoryLevel });
	}

	#used(): void {
		if (this.#isActive) return;
		this.#isActive = true;
		this.#changed(false);
	}
}
