import { dataFrameStart, headerSize, writeHeader } from "./frame-header.ts";
import { encodeUtf8 } from "./text-encoding.ts";
import { requireAttached } from "./transferred.ts";

/**
 * Encodes the whole message as one unmasked frame, to pass it to `prepared` of each receiver's writer. The result has its own
 * buffer and is not a view of shared memory.
 *
 * @param isText The kind of message when `data` is an array. true: a text in UTF-8, or its form encoded by an extension. Otherwise
 * binary.
 * @param rsv The reserved bits, for a payload that was encoded by `encodeShared` of an extension.
 * @throws UsageError `ERR_TRANSFERRED`
 */
export function encodeMessage(
	data: string | Uint8Array,
	isText: boolean = typeof data === "string",
	rsv: number = 0,
): Uint8Array {
	const payload = typeof data === "string" ? encodeUtf8(data) : data;
	requireAttached(payload);
	const frame = new Uint8Array(headerSize(payload.length, false) + payload.length);
	frame.set(payload, writeHeader(frame, 0, dataFrameStart(isText, true, true, rsv), false, payload.length));
	return frame;
}
