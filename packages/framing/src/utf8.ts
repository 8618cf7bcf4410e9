// RFC 3629 §4, as a table of the bytes that may follow each lead byte:
//
//   UTF8-2 = %xC2-DF UTF8-tail
//   UTF8-3 = %xE0 %xA0-BF UTF8-tail / %xE1-EC 2( UTF8-tail ) / %xED %x80-9F UTF8-tail / %xEE-EF 2( UTF8-tail )
//   UTF8-4 = %xF0 %x90-BF 2( UTF8-tail ) / %xF1-F3 3( UTF8-tail ) / %xF4 %x80-8F 2( UTF8-tail )
//
// The state is one integer: the number of missing bytes of the current character, and the allowed range of the next byte:
// count << 16 | lowest << 8 | highest.

/** Between two characters. A text begins in this state and may end only in it. */
export const UTF8_BOUNDARY = 0;
/** A byte was not allowed at its position. */
export const UTF8_INVALID = -1;

const TAIL = 0x80bf;

/**
 * Validates `bytes[from, to)`, starting with `state`, and returns the next state. It fails at the first byte that is not allowed.
 */
export function validateUtf8(state: number, bytes: Uint8Array, from: number, to: number): number {
	let at = from;
	while (at < to) {
		if (state === UTF8_BOUNDARY) {
			at = skipAscii(bytes, at, to);
			if (at === to) break;
			state = afterLead(bytes[at++]);
			if (state === UTF8_INVALID) return UTF8_INVALID;
		} else {
			const byte = bytes[at++];
			if (byte < ((state >>> 8) & 0xff) || byte > (state & 0xff)) return UTF8_INVALID;
			const toCome = (state >>> 16) - 1;
			state = toCome === 0 ? UTF8_BOUNDARY : (toCome << 16) | TAIL;
		}
	}
	return state;
}

/** The first position from `at` on that is not ASCII, or `to`. */
function skipAscii(bytes: Uint8Array, at: number, to: number): number {
	// One branch for eight bytes.
	for (const end = to - 7; at < end; at += 8) {
		const any =
			bytes[at] |
			bytes[at + 1] |
			bytes[at + 2] |
			bytes[at + 3] |
			bytes[at + 4] |
			bytes[at + 5] |
			bytes[at + 6] |
			bytes[at + 7];
		if (any >= 0x80) break;
	}
	while (at < to && bytes[at] < 0x80) at++;
	return at;
}

/** The state after a lead byte that is not ASCII. */
function afterLead(byte: number): number {
	if (byte < 0xc2 || byte > 0xf4) return UTF8_INVALID;
	const toCome = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
	const lowest = byte === 0xe0 ? 0xa0 : byte === 0xf0 ? 0x90 : 0x80;
	const highest = byte === 0xed ? 0x9f : byte === 0xf4 ? 0x8f : 0xbf;
	return (toCome << 16) | (lowest << 8) | highest;
}

/** The start of the incomplete character at the end of valid `bytes[…, to)`. */
export function incompleteEnd(bytes: Uint8Array, to: number): number {
	let at = to - 1;
	while ((bytes[at] & 0xc0) === 0x80) at--;
	return at;
}
