import { type Extension, outgoingBits } from "./extension.ts";
import { dataFrameStart, headerSize, writeHeader } from "./frame-header.ts";
import { encodeUtf8 } from "./text-encoding.ts";

const NONE: readonly Extension[] = [];

/**
 * One unmasked frame with the whole message: encoded once, then given to `prepared` of every receiver's writer.
 * The result stands alone, it is no view of anything shared.
 *
 * @param extensions Those of one receiver; `FrameWriter.preparedFor` tells for which others the frame is right.
 */
export function encodeMessage(data: string | Uint8Array, extensions: readonly Extension[] = NONE): Uint8Array {
	const isText = typeof data === "string";
	const kind = isText ? "text" : "binary";
	let payload = isText ? encodeUtf8(data) : data;
	const rsv = outgoingBits(extensions, kind, payload.length);
	for (const extension of extensions) if ((rsv & extension.rsv) !== 0) payload = extension.encodeShared(payload, kind);
	const frame = new Uint8Array(headerSize(payload.length) + payload.length);
	frame.set(payload, writeHeader(frame, 0, dataFrameStart(isText, true, true, rsv), 0, payload.length));
	return frame;
}
