import type { Extension } from "./extension.ts";
import type { FailureKind } from "./failure.ts";
import type { FrameCursor } from "./frame-cursor.ts";
import { TEXT } from "./opcode.ts";
import { UTF8_BOUNDARY, UTF8_INVALID, validateUtf8 } from "./utf8.ts";

/**
 * What has to be known of a data message while its pieces pass: it takes them through the extensions, counts what
 * comes out, and validates text. Nothing of the payload is kept.
 */
export class IncomingMessage {
	readonly #extensions: readonly Extension[];
	readonly #maxMessageSize: number;
	/** Bytes after decoding; the cursor counts those of messages that are not transformed. */
	#size = 0;
	#utf8 = UTF8_BOUNDARY;

	constructor(extensions: readonly Extension[], maxMessageSize: number) {
		this.#extensions = extensions;
		this.#maxMessageSize = maxMessageSize;
	}

	/**
	 * Takes the cursor's latest piece, and leaves in the cursor's `bytes[from, to)` what extensions made of it.
	 *
	 * @param isTextChecked Whether to validate text here; false when all of it is about to be decoded strictly.
	 * @returns The rule that the piece broke, or null.
	 */
	take(cursor: FrameCursor, isTextChecked: boolean): FailureKind | null {
		const { isLast } = cursor;
		if (cursor.messageRsv !== 0 && (isLast || cursor.from < cursor.to)) {
			const kind = this.#decode(cursor);
			if (kind !== null) return kind;
		}
		if (isTextChecked && cursor.messageOpcode === TEXT) {
			this.#utf8 = validateUtf8(this.#utf8, cursor.bytes, cursor.from, cursor.to);
			// RFC 6455 §8.1: "When an endpoint is to interpret a byte stream as UTF-8 but finds that the byte stream is
			// not, in fact, a valid UTF-8 stream, that endpoint MUST _Fail the WebSocket Connection_."
			if (this.#utf8 === UTF8_INVALID || (isLast && this.#utf8 !== UTF8_BOUNDARY)) return "invalid-utf8";
		}
		return null;
	}

	#decode(cursor: FrameCursor): FailureKind | null {
		const { isLast, messageRsv } = cursor;
		const room = this.#maxMessageSize - this.#size;
		let piece = cursor.bytes.subarray(cursor.from, cursor.to);
		// §9.1: what the peer's extensions did in the order of the list is undone in the reverse order.
		for (let i = this.#extensions.length - 1; i >= 0; i--) {
			const extension = this.#extensions[i];
			if ((messageRsv & extension.rsv) === 0) continue;
			const decoded = extension.decode(piece, isLast, room);
			if (typeof decoded === "string") return decoded;
			piece = decoded;
		}
		// The last word on the size is not an extension's.
		if (piece.length > room) return "message-too-big";
		this.#size = isLast ? 0 : this.#size + piece.length;
		cursor.bytes = piece;
		cursor.from = 0;
		cursor.to = piece.length;
		return null;
	}
}
