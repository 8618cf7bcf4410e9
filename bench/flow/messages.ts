import { makePayload } from "../load/payload.ts";

/** Bytes of a message. */
export const MESSAGE_SIZE: number = 1024 * 1024;

/** So many messages differ from one another, each of them in nearly every byte. */
const DIFFERENT = 1024;

/** A multiple of the masking key's size, so that a masked pattern has the masked messages in it. */
const STEP = 4;

/** Bytes without a pattern: message `i` begins at the i-th step, so none can be taken for another. */
export const PATTERN: Uint8Array = makePayload("binary", MESSAGE_SIZE + DIFFERENT * STEP, 1);

/** The i-th message of a transfer in the pattern, or in the masked pattern. */
export function messageIn(pattern: Uint8Array, i: number): Uint8Array {
	const from = (i % DIFFERENT) * STEP;
	return pattern.subarray(from, from + MESSAGE_SIZE);
}
