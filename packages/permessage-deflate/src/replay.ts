import type { InflateFailure, Inflater } from "./codec.ts";
import type { IncomingCopy } from "./incoming-copy.ts";
import { type DeflateState, snapshotError } from "./state.ts";

/** The maximum number of bytes that may come out per call. */
const MAX_OUTPUT = 300 * 1024;

/**
 * This many compressed bytes never give more than `MAX_OUTPUT`. RFC 1951 §3.2.5: a match represents at most 258 bytes. It needs at
 * least two bits, so one byte gives at most 1032 bytes.
 */
const SLICE_SIZE = 256;

/** RFC 1951 §3.2.4: three bits, padded to a byte, then LEN and NLEN. */
const STORED_HEADER_SIZE = 5;

/**
 * Brings a new decompressor to the state of another one. The output is dropped, because the application already has it.
 *
 * @param copy It is brought to the same state.
 * @throws UsageError `ERR_SNAPSHOT` when the number of output bytes differs from before
 */
export function replay(inflater: Inflater, state: DeflateState, copy: IncomingCopy | null): void {
	const { window, compressed, given } = state;
	const inflate = (piece: Uint8Array, limit: number): Uint8Array => {
		const output = tryInflate(inflater, piece, limit);
		if (typeof output === "string") throw mismatch(given);
		return output;
	};
	// After a message was read to its end, the decompressor is between two blocks, at a byte boundary.
	if (window.length > 0) inflate(storedBlock(window), window.length);
	copy?.end(window, window.length);
	// This limits the memory that a snapshot from an untrusted source can use.
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

// RFC 1951 §3.2.4: "LEN is the number of data bytes in the block. NLEN is the one's complement of LEN." LEN has two bytes, which is
// enough for a window of 32 KiB.
/** Returns one block without compression and without BFINAL. */
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
