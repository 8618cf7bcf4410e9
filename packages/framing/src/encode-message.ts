import { dataFrameStart, headerSize, writeHeader } from "./frame-header.ts";
import { encodeUtf8 } from "./text-encoding.ts";

/**
 * One unmasked frame with the whole message: encoded once, then given to `prepared` of every receiver's writer.
 * The result stands alone, it is no view of anything shared.
 */
export function encodeMessage(data: string | Uint8Array): Uint8Array {
	const isText = typeof data === "string";
	const payload = isText ? encodeUtf8(data) : data;
	const frame = new Uint8Array(headerSize(payload.length) + payload.length);
	frame.set(payload, writeHeader(frame, 0, dataFrameStart(isText, true, true, 0), 0, payload.length));
	return frame;
}
