import { constants, deflateRawSync } from "node:zlib";
import { concat } from "../arbitraries/bytes.ts";

// A peer's compressor, written without the packages under test. RFC 1951 is the format, RFC 7692 §7.2.1 what is made of it.

/** RFC 1951 §3.2.5: from which length on each length code stands, and how many extra bits it has. */
export const LENGTHS: readonly number[] = [
	3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
];
export const LENGTH_EXTRA: readonly number[] = [
	0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
];
/** The same for distances: two codes for each number of extra bits, from the fifth on. */
export const DISTANCE_EXTRA: readonly number[] = Array.from({ length: 30 }, (_, code) => Math.max(0, (code >> 1) - 1));
export const DISTANCES: readonly number[] = basesOf(1, DISTANCE_EXTRA);

function basesOf(first: number, extra: readonly number[]): number[] {
	let base = first;
	return extra.map((bits) => {
		base += 2 ** bits;
		return base - 2 ** bits;
	});
}

const [SHORTEST, LONGEST] = [3, 258];

/** Bits, the least significant first (RFC 1951 §3.1.1). */
export class BitWriter {
	private readonly bytes: number[] = [];
	private pending: number = 0;
	private count: number = 0;

	/** A number of so many bits. */
	bits(value: number, count: number): this {
		this.pending |= value << this.count;
		this.count += count;
		for (; this.count >= 8; this.count -= 8) {
			this.bytes.push(this.pending & 0xff);
			this.pending >>>= 8;
		}
		return this;
	}

	/** A Huffman code, whose bits come the most significant first. */
	code(value: number, count: number): this {
		for (let bit = count - 1; bit >= 0; bit--) this.bits((value >> bit) & 1, 1);
		return this;
	}

	/** RFC 1951 §3.2.6: a literal byte, the end of the block (256), or a length, in the fixed codes. */
	symbol(symbol: number): this {
		if (symbol < 144) return this.code(0x30 + symbol, 8);
		if (symbol < 256) return this.code(0x190 + symbol - 144, 9);
		return symbol < 280 ? this.code(symbol - 256, 7) : this.code(0xc0 + symbol - 280, 8);
	}

	/** The same bytes again that stood so far back. */
	reference(length: number, distance: number): this {
		const l = LENGTHS.findLastIndex((base) => base <= length);
		const d = DISTANCES.findLastIndex((base) => base <= distance);
		this.symbol(257 + l).bits(length - LENGTHS[l], LENGTH_EXTRA[l]);
		return this.code(d, 5).bits(distance - DISTANCES[d], DISTANCE_EXTRA[d]);
	}

	/** The beginning of a block with the fixed codes. */
	fixedBlock(isFinal: boolean = false): this {
		return this.bits(isFinal ? 0b011 : 0b010, 3);
	}

	/**
	 * RFC 7692 §7.2.1: "an empty DEFLATE block with no compression", of which only this much is left when the tail of 4 bytes
	 * is taken away.
	 */
	end(): Uint8Array {
		this.bits(0, 3);
		if (this.count > 0) this.bits(0, 8 - this.count);
		return Uint8Array.from(this.bytes);
	}
}

/** Longer messages are left to zlib, which makes blocks with codes of their own. */
const BY_HAND = 1024;

/** RFC 7692 §7.2.1: "Remove 4 octets (that are 0x00 0x00 0xff 0xff) from the tail end." */
export const TAIL: Uint8Array = Uint8Array.of(0x00, 0x00, 0xff, 0xff);

/** One message by itself, as zlib compresses it. */
export function deflatedByZlib(message: Uint8Array, windowBits: number, level: number = 6): Uint8Array {
	const flushed = deflateRawSync(message, { level, windowBits, finishFlush: constants.Z_SYNC_FLUSH });
	return new Uint8Array(flushed.subarray(0, -TAIL.length));
}

/** What a peer compresses with. */
export class RawDeflater {
	private readonly windowBits: number;
	private readonly contextTakeover: boolean;
	/** What may be referred to, and where in it three bytes stood the last time. */
	private history: Uint8Array = new Uint8Array(0);
	private latest: Map<number, number> = new Map();

	constructor(windowBits: number, contextTakeover: boolean) {
		this.windowBits = windowBits;
		this.contextTakeover = contextTakeover;
	}

	/** A message's payload. It refers to earlier messages, unless there is no context takeover. */
	message(message: Uint8Array): Uint8Array {
		if (!this.contextTakeover || message.length > BY_HAND) this.forget();
		if (message.length > BY_HAND) return deflatedByZlib(message, this.windowBits, 1);
		const writer = new BitWriter();
		// RFC 7692 §7.2.3.6: an empty message is the empty block alone.
		if (message.length > 0) this.write(message, writer.fixedBlock());
		return writer.end();
	}

	/** A compressor may do so at any time. */
	private forget(): void {
		this.history = new Uint8Array(0);
		this.latest.clear();
	}

	private write(message: Uint8Array, writer: BitWriter): void {
		const all = concat([this.history, message]);
		for (let at = this.history.length; at < all.length; ) {
			const { length, distance } = this.find(all, at);
			if (length < SHORTEST) writer.symbol(all[at]);
			else writer.reference(length, distance);
			const next = at + (length < SHORTEST ? 1 : length);
			for (; at < next; at++) this.latest.set(threeAt(all, at), at);
		}
		writer.symbol(256);
		this.history = all;
	}

	/** The longest that can be referred to where the same three bytes stood the last time. */
	private find(all: Uint8Array, at: number): { length: number; distance: number } {
		const from = this.latest.get(threeAt(all, at));
		if (from === undefined || at + SHORTEST > all.length || at - from > 1 << this.windowBits)
			return { length: 0, distance: 0 };
		let length = 0;
		while (length < LONGEST && at + length < all.length && all[from + length] === all[at + length]) length++;
		return { length, distance: at - from };
	}
}

function threeAt(bytes: Uint8Array, at: number): number {
	return (bytes[at] << 16) | (bytes[at + 1] << 8) | bytes[at + 2];
}
