import { Agreements } from "./agreement.ts";
import type { Codec, Deflater, Inflater } from "./codec.ts";
import { type DeflateOptions, type DeflateSettings, deflateSettings, MAX_WINDOW_BITS } from "./settings.ts";

/** Maximum number of idle decompressors kept for reuse. */
const MAX_SPARE_INFLATERS = 8;

/** An object that holds a compressor. */
export interface ContextHolder {
	/** Whether the compressor was used since the last call. */
	takeUsed(): boolean;
	/** Closes the compressor. The next message begins with an empty window. The peer does not need to know this. */
	releaseContext(): void;
}

/** Shared by all connections of an endpoint: the codec, the limit on contexts, and the compressors and decompressors without a context. */
export class DeflateContexts {
	readonly settings: DeflateSettings;
	readonly agreements: Agreements = new Agreements();
	readonly #codec: Codec;
	readonly #changed: (isIdle: boolean) => void;
	readonly #holders = new Set<ContextHolder>();
	#connections = 0;
	/** The number of connections that keep their decompressor, because the server agreed to keep the peer's context. */
	#promised = 0;
	/** Compressors for messages without a context, by window bits. */
	readonly #contextFree = new Map<number, Deflater>();
	#contextFreeUsed = false;
	/** There is something to sweep, and `changed` was called for it. */
	#isActive = false;
	#spareInflaters: Inflater[] = [];

	/**
	 * @param changed Called when the first object to sweep is created, and when none is left.
	 * @throws UsageError `ERR_INVALID_DEFLATE`
	 */
	constructor(codec: Codec, options: DeflateOptions = {}, changed: (isIdle: boolean) => void = () => {}) {
		this.settings = deflateSettings(options);
		this.#codec = codec;
		this.#changed = changed;
	}

	/**
	 * Closes the compressors and decompressors that were not used since the last sweep. Call it regularly: a compressor is kept for
	 * one to two intervals after its last message.
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

	/**
	 * Registers a connection. true: the connection keeps the context of its peer, because that was requested and the limit allows it.
	 */
	join(isToPromise: boolean): boolean {
		this.#connections++;
		const hasPromise = isToPromise && this.#promised < this.settings.maxContexts;
		if (hasPromise) this.#promised++;
		return hasPromise;
	}

	/**
	 * Registers a connection that was negotiated elsewhere. If it keeps the context of its peer, it counts, and is accepted even
	 * above the limit.
	 */
	joinRestored(hasPromise: boolean): void {
		this.#connections++;
		if (hasPromise) this.#promised++;
	}

	/** Unregisters a connection, which holds nothing any more. After the last connection, nothing is kept. */
	leave(hasPromise: boolean): void {
		this.#connections--;
		if (hasPromise) this.#promised--;
		if (this.#connections > 0) return;
		this.#contextFreeUsed = false;
		this.sweep();
	}

	/** Returns a compressor with its own context. null: the limit is reached. */
	acquire(holder: ContextHolder, windowBits: number): Deflater | null {
		if (this.#holders.size >= this.settings.maxContexts) return null;
		this.#used();
		const deflater = this.#deflater(windowBits);
		this.#holders.add(holder);
		return deflater;
	}

	/** The compressor from `acquire` was closed. */
	release(holder: ContextHolder): void {
		this.#holders.delete(holder);
	}

	/** Returns a compressor with an empty window, for one call. */
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

	/** Returns a decompressor that is kept for one peer. */
	inflater(windowBits: number): Inflater {
		return this.#codec.inflater(windowBits);
	}

	/** Returns a decompressor with an empty window, for one message. */
	borrowInflater(): Inflater {
		return this.#spareInflaters.pop() ?? this.#codec.inflater(MAX_WINDOW_BITS);
	}

	/** Takes a borrowed decompressor back after the message was read to its end. */
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
