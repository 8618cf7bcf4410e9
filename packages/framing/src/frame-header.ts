import { writeInt32 } from "./bytes.ts";
import { BINARY, CONTINUATION, FIN, MASK, TEXT } from "./opcode.ts";

/** The size of a frame's header for this payload length, including the masking key. RFC 6455 §5.2. */
export function headerSize(length: number, isMasked: boolean): number {
	return (length <= 125 ? 2 : length <= 0xffff ? 4 : 10) + (isMasked ? 4 : 0);
}

/**
 * Writes the header without the masking key, and returns the position after the key.
 *
 * @param first The first byte: FIN, reserved bits and opcode.
 */
export function writeHeader(into: Uint8Array, at: number, first: number, isMasked: boolean, length: number): number {
	const maskBit = isMasked ? MASK : 0;
	into[at] = first;
	// §5.2: "the minimal number of bytes MUST be used to encode the length"
	if (length <= 125) {
		into[at + 1] = maskBit | length;
	} else if (length <= 0xffff) {
		into[at + 1] = maskBit | 126;
		into[at + 2] = length >>> 8;
		into[at + 3] = length;
	} else {
		into[at + 1] = maskBit | 127;
		writeInt32(into, at + 2, Math.floor(length / 2 ** 32));
		writeInt32(into, at + 6, length);
	}
	return at + headerSize(length, isMasked);
}

/** The first byte of a data frame. */
export function dataFrameStart(isText: boolean, isFirst: boolean, isLast: boolean, rsv: number): number {
	const opcode = isFirst ? (isText ? TEXT : BINARY) : CONTINUATION;
	return (isLast ? FIN : 0) | (isFirst ? rsv << 4 : 0) | opcode;
}
