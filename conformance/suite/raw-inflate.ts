import { concat } from "../arbitraries/bytes.ts";
import { DISTANCE_EXTRA, DISTANCES, LENGTH_EXTRA, LENGTHS, TAIL } from "./raw-deflate.ts";

// A peer's decompressor, written without the packages under test and without zlib: it is as strict as RFC 1951 and RFC 7692
// allow, and knows how far back a message refers.

/** RFC 1951 §3.2.7: the order in which the lengths of the code length codes come. */
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

const LONGEST_CODE = 15;

/** A Huffman code: how many codes of each length there are, and the symbols in the order of their codes (§3.2.2). */
interface Code {
	readonly counts: Uint16Array;
	readonly symbols: Uint16Array;
}

function codeOf(lengths: ArrayLike<number>): Code {
	const counts = new Uint16Array(LONGEST_CODE + 1);
	for (let i = 0; i < lengths.length; i++) counts[lengths[i]]++;
	counts[0] = 0;
	const next = new Uint16Array(LONGEST_CODE + 2);
	for (let length = 1; length <= LONGEST_CODE; length++) next[length + 1] = next[length] + counts[length];
	const symbols = new Uint16Array(lengths.length);
	for (let i = 0; i < lengths.length; i++) if (lengths[i] > 0) symbols[next[lengths[i]]++] = i;
	return { counts, symbols };
}

/** §3.2.6. */
const FIXED_LITERALS = codeOf(Array.from({ length: 288 }, (_, i) => (i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8)));
const FIXED_DISTANCES = codeOf(new Uint8Array(30).fill(5));

/** Bits, the least significant first (§3.1.1). */
class BitReader {
	private readonly bytes: Uint8Array;
	private at: number = 0;
	private pending: number = 0;
	private count: number = 0;

	constructor(bytes: Uint8Array) {
		this.bytes = bytes;
	}

	get hasEnded(): boolean {
		return this.at === this.bytes.length;
	}

	bits(count: number): number {
		while (this.count < count) {
			if (this.hasEnded) throw new Error("the compressed data ends within a block");
			this.pending |= this.bytes[this.at++] << this.count;
			this.count += 8;
		}
		const value = this.pending & ((1 << count) - 1);
		this.pending >>>= count;
		this.count -= count;
		return value;
	}

	symbol({ counts, symbols }: Code): number {
		let code = 0;
		let first = 0;
		let index = 0;
		for (let length = 1; length <= LONGEST_CODE; length++) {
			code |= this.bits(1);
			const count = counts[length];
			if (code - count < first) return symbols[index + code - first];
			index += count;
			first = (first + count) << 1;
			code <<= 1;
		}
		throw new Error("no Huffman code");
	}

	/** Goes on to the next whole byte. */
	align(): void {
		this.pending = 0;
		this.count = 0;
	}

	bytesOf(count: number): Uint8Array {
		if (this.at + count > this.bytes.length) throw new Error("the compressed data ends within a block");
		this.at += count;
		return this.bytes.subarray(this.at - count, this.at);
	}
}

/** What a peer decompresses with. */
export class RawInflater {
	/** How far back the farthest reference went so far. */
	farthest: number = 0;
	private readonly window: number;
	private readonly contextTakeover: boolean;
	/** What came out, of earlier messages as much as may be referred to. */
	private output: Uint8Array = new Uint8Array(1024);
	private length: number = 0;

	/** Throws at a reference beyond the window, and without context takeover at one beyond the message. */
	constructor(windowBits: number, contextTakeover: boolean) {
		this.window = 1 << windowBits;
		this.contextTakeover = contextTakeover;
	}

	/** The message that this payload stands for. RFC 7692 §7.2.2. */
	message(payload: Uint8Array): Uint8Array {
		const begins = this.contextTakeover ? Math.min(this.length, this.window) : 0;
		this.output.copyWithin(0, this.length - begins, this.length);
		this.length = begins;
		const reader = new BitReader(concat([payload, TAIL]));
		let isEmptyBlock = false;
		while (!reader.hasEnded) isEmptyBlock = this.block(reader);
		if (!isEmptyBlock) throw new Error("the tail is no block of its own");
		return this.output.slice(begins, this.length);
	}

	/** One block (RFC 1951 §3.2.3). true: an empty one without compression. */
	private block(reader: BitReader): boolean {
		// None of ours ends with BFINAL: it flushes with empty blocks.
		if (reader.bits(1) === 1) throw new Error("a block with BFINAL");
		const type = reader.bits(2);
		if (type === 0) return this.stored(reader);
		if (type === 1) this.compressed(reader, FIXED_LITERALS, FIXED_DISTANCES);
		else if (type === 2) this.compressed(reader, ...dynamicCodes(reader));
		else throw new Error("the reserved type of a block");
		return false;
	}

	private stored(reader: BitReader): boolean {
		reader.align();
		const [low, high, notLow, notHigh] = reader.bytesOf(4);
		if ((low ^ notLow) !== 0xff || (high ^ notHigh) !== 0xff) throw new Error("LEN and NLEN don't match");
		const bytes = reader.bytesOf(low | (high << 8));
		this.makeRoom(bytes.length);
		this.output.set(bytes, this.length);
		this.length += bytes.length;
		return bytes.length === 0;
	}

	private compressed(reader: BitReader, literals: Code, distances: Code): void {
		for (;;) {
			const symbol = reader.symbol(literals);
			if (symbol === 256) return;
			this.makeRoom(258);
			if (symbol < 256) this.output[this.length++] = symbol;
			else this.reference(reader, symbol - 257, distances);
		}
	}

	private reference(reader: BitReader, code: number, distances: Code): void {
		const length = LENGTHS[code] + reader.bits(LENGTH_EXTRA[code]);
		const far = reader.symbol(distances);
		const distance = DISTANCES[far] + reader.bits(DISTANCE_EXTRA[far]);
		if (distance > this.window) throw new Error(`a reference of ${distance} bytes in a window of ${this.window}`);
		if (distance > this.length) throw new Error("a reference to what was never sent");
		this.farthest = Math.max(this.farthest, distance);
		for (let i = 0; i < length; i++) this.output[this.length + i] = this.output[this.length + i - distance];
		this.length += length;
	}

	private makeRoom(bytes: number): void {
		if (this.length + bytes <= this.output.length) return;
		const larger = new Uint8Array((this.length + bytes) * 2);
		larger.set(this.output.subarray(0, this.length));
		this.output = larger;
	}
}

/** RFC 1951 §3.2.7. */
function dynamicCodes(reader: BitReader): [literals: Code, distances: Code] {
	const literals = reader.bits(5) + 257;
	const distances = reader.bits(5) + 1;
	const count = reader.bits(4) + 4;
	const orderLengths = new Uint8Array(ORDER.length);
	for (const symbol of ORDER.slice(0, count)) orderLengths[symbol] = reader.bits(3);
	const lengthCode = codeOf(orderLengths);
	const lengths = new Uint8Array(literals + distances);
	for (let i = 0; i < lengths.length; ) {
		const symbol = reader.symbol(lengthCode);
		if (symbol < 16) lengths[i++] = symbol;
		else {
			const repeated = symbol === 16 ? lengths[i - 1] : 0;
			const times = symbol === 16 ? 3 + reader.bits(2) : symbol === 17 ? 3 + reader.bits(3) : 11 + reader.bits(7);
			lengths.fill(repeated, i, i + times);
			i += times;
		}
	}
	return [codeOf(lengths.subarray(0, literals)), codeOf(lengths.subarray(literals))];
}
