import { joinBytes } from "./bytes.ts";
import { maySendCloseCode } from "./close-code.ts";
import type { ControlEvent } from "./event.ts";
import type { FailureKind } from "./failure.ts";
import type { FrameReader } from "./frame-reader.ts";
import { CLOSE, PING } from "./opcode.ts";
import { decodeWith } from "./text-decoding.ts";

/** §7.1.5: "If this Close control frame contains no status code, _The WebSocket Connection Close Code_ is [...] 1005." */
const NO_STATUS_RECEIVED = 1005;

/** Returns the event for the reader's latest control frame. After Close or a violation the reader has ended. */
export function controlEvent(
	frames: FrameReader,
	decodeText: ((bytes: Uint8Array) => string | null) | null,
): ControlEvent {
	const { bytes, from, to, opcode } = frames;
	if (opcode !== CLOSE)
		return { type: opcode === PING ? "ping" : "pong", payload: joinBytes([bytes.subarray(from, to)]) };

	if (from === to) return closeEvent(frames, NO_STATUS_RECEIVED, "");
	// §5.5.1: "If there is a body, the first two bytes of the body MUST be a 2-byte unsigned integer"
	if (to - from === 1) return failedEvent(frames, "close-payload-length", 1);
	const code = (bytes[from] << 8) | bytes[from + 1];
	// A code that must not be sent is a violation when it is received: the RFC does not distinguish the two cases.
	if (!maySendCloseCode(code)) return failedEvent(frames, "close-code", code);
	// §5.5.1: "the body MAY contain UTF-8-encoded data"
	const reason = decodeWith(decodeText, bytes, from + 2, to);
	return reason === null ? failedEvent(frames, "close-reason-utf8") : closeEvent(frames, code, reason);
}

/** Returns the event for the violation that the reader has found, or for `kind`: then the reader ends. */
export function failedEvent(frames: FrameReader, kind?: FailureKind, found?: number): ControlEvent {
	if (kind !== undefined) frames.fail(kind, found);
	return { type: "failed", failure: frames.failure! };
}

function closeEvent(frames: FrameReader, code: number, reason: string): ControlEvent {
	// §5.5.1, §1.4: a peer sends nothing after its Close frame. Anything received after it is discarded.
	frames.end();
	return { type: "close", code, reason };
}
