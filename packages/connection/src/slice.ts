/**
 * A larger message that is deflated or masked is sent in slices of this size, in bytes. Each slice is a fragment (RFC 6455 §5.4).
 * Deflating one takes 0.4 ms (zeros) to 7 ms (random bytes) on Node 24. Smaller slices would compress worse, because each slice
 * begins a new block. A message of 64 MiB has 256 slices.
 */
export const SLICE_SIZE: number = 256 * 1024;

/** A slice of a message, and the rest after it. */
export interface Slice {
	readonly bytes: Uint8Array;
	readonly rest: Uint8Array | string;
}

const encoder = new TextEncoder();

/** Returns the first slice of the rest of a message. A text is split between two characters. */
export function firstSlice(payload: Uint8Array | string, isText: boolean): Slice {
	if (typeof payload !== "string") {
		const end = isText ? characterEnd(payload) : SLICE_SIZE;
		return { bytes: payload.subarray(0, end), rest: payload.subarray(end) };
	}
	// `encodeInto` stops before a character that does not fit. Each code unit gives at least one byte, so the array is full before
	// the end of the sliced string, and no surrogate pair is split.
	const into = new Uint8Array(SLICE_SIZE);
	const { read, written } = encoder.encodeInto(payload.slice(0, SLICE_SIZE), into);
	return { bytes: into.subarray(0, written), rest: payload.slice(read) };
}

/**
 * Returns the end of a slice of a text in UTF-8. RFC 3629 §3: the bytes after the first byte of a character are 10xxxxxx, at most three.
 */
function characterEnd(text: Uint8Array): number {
	let end = SLICE_SIZE;
	while (end > SLICE_SIZE - 3 && ((text[end] ?? 0) & 0xc0) === 0x80) end--;
	return end;
}
