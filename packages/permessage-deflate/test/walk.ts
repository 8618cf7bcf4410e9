// A decompressor that was written for these tests alone (RFC 1951), so that what the codecs make is not judged by themselves.

/** What is in DEFLATE data. */
export interface Walk {
	readonly bytes: Uint8Array;
	/** How far back a match reaches at the most. */
	readonly farthest: number;
	/** The type of each block: 0 without compression, 1 with fixed codes, 2 with codes of its own. */
	readonly blocks: readonly number[];
	/** Whether a block has BFINAL set. */
	readonly isFinal: boolean;
}

const LENGTHS = [
	3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
];
const LENGTH_BITS = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/** RFC 1951 §3.2.2: the codes that these lengths stand for, by length and value. */
function codes(lengths: readonly number[]): Map<string, number> {
	const found = new Map<string, number>();
	let code = 0;
	for (let length = 1; length <= 15; length++) {
		code <<= 1;
		lengths.forEach((each, symbol) => {
			if (each === length) found.set(`${length}:${code++}`, symbol);
		});
	}
	return found;
}

const FIXED_LENGTHS = Array.from({ length: 288 }, (_, i) => (i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8));
const FIXED = codes(FIXED_LENGTHS);
const FIXED_DISTANCES = codes(Array(30).fill(5));

/** Reads the data to its end, where a block must end too. `before`: what was decompressed earlier, in the same context. */
export function walk(data: Uint8Array, before: Uint8Array = new Uint8Array(0)): Walk {
	const out: number[] = [...before];
	const blocks: number[] = [];
	let at = 0;
	let farthest = 0;
	let isFinal = false;
	const bits = (count: number): number => {
		let value = 0;
		for (let i = 0; i < count; i++, at++) {
			if (at >> 3 >= data.length) throw new Error("the data ends inside of a block");
			value |= ((data[at >> 3]! >> (at & 7)) & 1) << i;
		}
		return value;
	};
	const symbol = (table: Map<string, number>): number => {
		let code = 0;
		for (let length = 1; length <= 15; length++) {
			code = (code << 1) | bits(1);
			const found = table.get(`${length}:${code}`);
			if (found !== undefined) return found;
		}
		throw new Error("no such code");
	};
	const inflateBlock = (literals: Map<string, number>, distances: Map<string, number>): void => {
		for (let each = symbol(literals); each !== 256; each = symbol(literals)) {
			if (each < 256) {
				out.push(each);
				continue;
			}
			const length = LENGTHS[each - 257]! + bits(LENGTH_BITS[each - 257]!);
			const code = symbol(distances);
			const extra = code < 4 ? 0 : (code >> 1) - 1;
			const distance = (code < 4 ? code + 1 : ((2 + (code & 1)) << extra) + 1) + bits(extra);
			if (distance > out.length) throw new Error("a match reaches back too far");
			farthest = Math.max(farthest, distance);
			for (let i = 0; i < length; i++) out.push(out[out.length - distance]!);
		}
	};
	const ownCodes = (): [Map<string, number>, Map<string, number>] => {
		const [literalCount, distanceCount, orderCount] = [bits(5) + 257, bits(5) + 1, bits(4) + 4];
		const orderLengths = Array<number>(19).fill(0);
		for (let i = 0; i < orderCount; i++) orderLengths[ORDER[i]!] = bits(3);
		const table = codes(orderLengths);
		const lengths: number[] = [];
		while (lengths.length < literalCount + distanceCount) {
			const each = symbol(table);
			if (each < 16) lengths.push(each);
			else if (each === 16) lengths.push(...Array<number>(3 + bits(2)).fill(lengths.at(-1)!));
			else lengths.push(...Array<number>(each === 17 ? 3 + bits(3) : 11 + bits(7)).fill(0));
		}
		return [codes(lengths.slice(0, literalCount)), codes(lengths.slice(literalCount))];
	};
	// What is left of the last byte, once a block has ended there, is padding.
	while ((at + 7) >> 3 < data.length) {
		isFinal = bits(1) === 1 || isFinal;
		const type = bits(2);
		blocks.push(type);
		if (type === 0) {
			at = (at + 7) & ~7;
			const length = bits(16);
			if ((bits(16) ^ length) !== 0xffff) throw new Error("LEN and NLEN differ");
			for (let i = 0; i < length; i++) out.push(bits(8));
		} else if (type === 1) inflateBlock(FIXED, FIXED_DISTANCES);
		else if (type === 2) inflateBlock(...ownCodes());
		else throw new Error("no such type of block");
		// RFC 1951 leaves the rest of the byte behind a final block unused.
		if (isFinal) at = (at + 7) & ~7;
	}
	return { bytes: Uint8Array.from(out.slice(before.length)), farthest, blocks, isFinal };
}
