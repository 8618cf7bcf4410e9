import type { InflateFailure, Inflater } from "./codec.ts";
import type { IncomingCopy } from "./incoming-copy.ts";
import { type DeflateState, snapshotError } from "./state.ts";

/** So many bytes may come out at a time. */
const MAX_OUTPUT = 300 * 1024;

/**
 * So many bytes never give more than that. RFC 1951 §3.2.5: a match stands for no more than 258 bytes. It takes two bits at
 * least, so that a byte gives 1032 bytes at the most.
 */
const SLICE_SIZE = 256;

/** RFC 1951 §3.2.4: three bits, filled up to a byte, then LEN and NLEN. */
const STORED_HEADER_SIZE = 5;

/**
 * Brings a new decompressor to where another one was. The application has what comes out of it, so it is dropped.
 *
 * @param copy Is brought there as well.
 * @throws UsageError `ERR_SNAPSHOT` when not as much comes out as did before
 */
export function replay(inflater: Inflater, state: DeflateState, copy: IncomingCopy | null): void {
	const { window, compressed, given } = state;
	const inflate = (piece: Uint8Array, limit: number): Uint8Array => {
		const output = tryInflate(inflater, piece, limit);
		if (typeof output === "string") throw mismatch(given);
		return output;
	};
	// A message that was read to its end has left the decompressor between two blocks, and at a byte.
	if (window.length > 0) inflate(storedBlock(window), window.length);
	copy?.end(window, window.length);
	// Whoever has sent the snapshot can't make this one hold more than so much, whatever the bytes say.
	const size = given <= MAX_OUTPUT ? compressed.length : SLICE_SIZE;
	let left = given;
	for (let from = 0; from < compressed.length; from += size) {
		const piece = compressed.subarray(from, from + size);
		const output = inflate(piece, Math.min(left, MAX_OUTPUT));
		copy?.add(piece, output);
		left -= output.length;
	}
	if (left > 0) throw mismatch(given);
}

function tryInflate(inflater: Inflater, piece: Uint8Array, limit: number): Uint8Array | InflateFailure {
	try {
		return inflater.inflate(piece, limit);
	} catch {
		return "corrupt";
	}
}

// RFC 1951 §3.2.4: "LEN is the number of data bytes in the block. NLEN is the one's complement of LEN." LEN has two bytes, and
// a window of 32 KiB fits.
/** One block without compression, which is not the last one. */
function storedBlock(bytes: Uint8Array): Uint8Array {
	const block = new Uint8Array(STORED_HEADER_SIZE + bytes.length);
	const { length } = bytes;
	block.set([0x00, length & 0xff, length >> 8, ~length & 0xff, (~length >> 8) & 0xff]);
	block.set(bytes, STORED_HEADER_SIZE);
	return block;
}

function mismatch(given: number): Error {
	return snapshotError("compressed", `DEFLATE data that gives the ${given} bytes of \`given\``);
}
