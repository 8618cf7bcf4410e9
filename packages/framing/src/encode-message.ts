import { dataFrameStart, headerSize, writeHeader } from "./frame-header.ts";
import { encodeUtf8 } from "./text-encoding.ts";
import { requireAttached } from "./transferred.ts";

/**
 * One unmasked frame with the whole message: encoded once, then given to `prepared` of every receiver's writer.
 * The result stands alone, it is no view of anything shared.
 *
 * @param isText What an array is: by default bytes; true: UTF-8, or what an extension has made of it.
 * @param rsv The reserved bits, for a payload that an extension's `encodeShared` has made.
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
