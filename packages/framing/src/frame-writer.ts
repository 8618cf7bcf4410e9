import { UsageError } from "@barewire/errors";
import { copyBytes, joinBytes, readInt32 } from "./bytes.ts";
import { closePayload } from "./close-payload.ts";
import type { MessageKind, Role } from "./event.ts";
import { claimedBits, type Extension, encodePiece, outgoingBits } from "./extension.ts";
import { dataFrameStart, headerSize, writeHeader } from "./frame-header.ts";
import { applyMask } from "./masking.ts";
import { CLOSE, FIN, MAX_CONTROL_PAYLOAD, PING, PONG } from "./opcode.ts";
import { Output } from "./output.ts";
import { reserveInSlab, slab } from "./slab.ts";
import { encodeAsciiInto, encodeUtf8, encodeUtf8Into } from "./text-encoding.ts";
import { requireAttached } from "./transferred.ts";
import { UTF8_BOUNDARY, UTF8_INVALID, validateUtf8 } from "./utf8.ts";

export interface WriterOptions {
	/**
	 * Fills the array with bytes from a strong source of randomness. Required for a client. It is called with 4 bytes for the masking
	 * key of each frame. `pooledRandom` of `@barewire/connection` makes these calls cheap.
	 */
	readonly random?: ((into: Uint8Array) => void) | undefined;
	/** The negotiated extensions, in the order of the server's Sec-WebSocket-Extensions field. */
	readonly extensions?: readonly Extension[] | undefined;
}

/**
 * A larger payload is not copied after its header: header and payload are sent as two pieces. Over a socket of Node 24, Deno 2 and
 * Bun 1.4 a copied piece and two pieces cost the same at 2 to 4 KiB, and two are cheaper from 8 KiB on. Measured by
 * bench/micro/pieces.ts. It also limits the unused space at the end of a slab when a frame does not fit.
 */
export const LARGE_PAYLOAD = 4096;

/**
 * A text of at most this many bytes, at three bytes per UTF-16 code unit, is encoded into the slab. `encode` allocates an array and
 * takes two to five times as long. Measured by bench/micro/text.ts.
 */
const SLAB_TEXT = 16384;

/**
 * Up to this many characters a loop over ASCII is faster than `encodeInto`, which needs a view: up to about 30 on Node 24, up to
 * about 60 on Deno 2 and Bun 1.4. Measured by bench/micro/text.ts.
 */
export const SHORT_ASCII = 32;

/** 10 bytes and the masking key. */
const MAX_HEADER_SIZE = 14;

/** The masking key of the frame that is being written. */
const maskingKey: Uint8Array = /* @__PURE__ */ new Uint8Array(4);

/** The state of a writer as plain data. The extensions have their own state. */
export interface FrameWriterState {
	/** Bytes that have not been taken. */
	readonly output: Uint8Array;
	/** The number of these bytes up to the end of the last data frame. */
	readonly data: number;
	/** The message that `fragment` has begun and not ended; null: none. */
	readonly unfinished: Readonly<UnfinishedMessage> | null;
	/** A Close frame is written. */
	readonly isClosed: boolean;
}

/** A message that is written in fragments. */
interface UnfinishedMessage {
	readonly kind: MessageKind;
	readonly rsv: number;
	/** Its first frame has been written. */
	hasFrame: boolean;
	/** The state of `validateUtf8`. */
	utf8: number;
}

/** Converts messages and control frames into bytes. */
export class FrameWriter {
	/** For a client. null: a server, which does not mask. */
	readonly #random: ((into: Uint8Array) => void) | null = null;
	readonly #extensions: readonly Extension[];
	readonly #output: Output = new Output();
	#unfinished: UnfinishedMessage | null = null;
	#isClosed = false;
	#data = 0;

	/** @throws UsageError `ERR_RANDOM_REQUIRED`, `ERR_INVALID_RSV`, `ERR_RSV_CONFLICT` */
	constructor(role: Role, options: WriterOptions = {}) {
		const { random, extensions = [] } = options;
		claimedBits(extensions);
		this.#extensions = extensions;
		if (role === "server") return;
		// RFC 6455 §5.3: "The masking key is a 32-bit value chosen at random by the client."
		if (random === undefined) throw new UsageError("ERR_RANDOM_REQUIRED", "a client needs `random`");
		this.#random = random;
	}

	/** Bytes written and not yet taken by `next`. */
	get buffered(): number {
		return this.#output.buffered;
	}

	/** Bytes of memory of the output: separate pieces cost more than their bytes. */
	get memory(): number {
		return this.#output.memory;
	}

	/** The arrays that contain the waiting output. Small frames may be missing. Do not change the arrays. */
	get pieces(): readonly Uint8Array[] {
		return this.#output.pieces;
	}

	/** Bytes of `buffered` up to the end of the last data frame: 0 when every message has been taken. */
	get bufferedData(): number {
		return this.#data;
	}

	/** The message that `fragment` has begun and not ended; null: none. */
	get unfinished(): MessageKind | null {
		return this.#unfinished === null ? null : this.#unfinished.kind;
	}

	/**
	 * The next piece of output; null: there is none. Pieces are views: they must not be written to or transferred. An empty piece is
	 * a payload that was transferred before it was sent: the peer could not parse the following bytes, so drop the stream.
	 */
	next(): Uint8Array | null {
		const piece = this.#output.next();
		if (piece !== null) this.#data = Math.max(0, this.#data - piece.length);
		return piece;
	}

	/** Adds bytes to send before the first frame. */
	raw(bytes: Uint8Array): void {
		if (bytes.length > 0) this.#output.add(bytes);
	}

	/** @throws UsageError `ERR_TRANSFERRED` */
	snapshot(): FrameWriterState {
		return {
			output: this.#output.copy(),
			data: this.#data,
			unfinished: this.#unfinished && { ...this.#unfinished },
			isClosed: this.#isClosed,
		};
	}

	/** For a writer that has written nothing: continues from the snapshot. */
	restore(state: FrameWriterState): void {
		this.raw(joinBytes([state.output]));
		this.#data = state.data;
		this.#unfinished = state.unfinished && { ...state.unfinished };
		this.#isClosed = state.isClosed;
	}

	/**
	 * Writes a whole text message. A lone surrogate becomes U+FFFD.
	 *
	 * @param plain Extensions do not transform the message.
	 * @throws UsageError `ERR_INVALID_TEXT`, `ERR_MESSAGE_UNFINISHED`, `ERR_CLOSE_SENT`
	 */
	text(text: string, plain?: boolean): void {
		if (typeof text !== "string") throw new UsageError("ERR_INVALID_TEXT", "a text is a string");
		this.#requireDataAllowed();
		if (text.length * 3 <= SLAB_TEXT) this.#smallText(text, plain);
		else this.#message("text", encodeUtf8(text), plain);
	}

	/**
	 * Writes a whole binary message. A server sends a large one by reference: the bytes must not change until they are sent.
	 *
	 * @param plain Extensions do not transform the message.
	 * @throws UsageError `ERR_INVALID_PAYLOAD`, `ERR_TRANSFERRED`, `ERR_MESSAGE_UNFINISHED`, `ERR_CLOSE_SENT`
	 */
	binary(bytes: Uint8Array, plain?: boolean): void {
		this.message("binary", bytes, plain);
	}

	/**
	 * Writes a whole message whose payload is given as bytes, like `binary`. A text must be UTF-8; this is not checked.
	 *
	 * @throws UsageError `ERR_INVALID_PAYLOAD`, `ERR_TRANSFERRED`, `ERR_MESSAGE_UNFINISHED`, `ERR_CLOSE_SENT`
	 */
	message(kind: MessageKind, bytes: Uint8Array, plain?: boolean): void {
		requireBytes(bytes);
		this.#requireDataAllowed();
		this.#message(kind, bytes, plain);
	}

	/**
	 * Whether the payload of a whole message of this size must be transformed: masked, or encoded by an extension.
	 *
	 * @param plain Extensions do not transform the message.
	 */
	transforms(kind: MessageKind, size: number, plain: boolean): boolean {
		return this.#random !== null || (!plain && outgoingBits(this.#extensions, kind, size) > 0);
	}

	/**
	 * Begins a message that is sent with `fragment`. No frame is written yet.
	 *
	 * @param plain Extensions do not transform the message.
	 * @param size Size of the whole message in bytes. Absent: unknown.
	 * @throws UsageError `ERR_MESSAGE_UNFINISHED`, `ERR_CLOSE_SENT`
	 */
	begin(kind: MessageKind, plain?: boolean, size?: number): void {
		this.#requireDataAllowed();
		this.#unfinished = this.#begin(kind, plain, size);
	}

	/**
	 * Writes the next fragment of a message (RFC 6455 §5.4). All fragments have the same kind, until `last` is true. Control frames
	 * may be written between fragments. An empty fragment writes no frame unless it is the last one. A text may be split inside a
	 * character.
	 *
	 * @param isUtf8 Skips the check of a text: it is known to be UTF-8, and not split inside a character.
	 * @throws UsageError `ERR_INVALID_PAYLOAD`, `ERR_TRANSFERRED`, `ERR_INVALID_UTF8`, `ERR_MESSAGE_UNFINISHED`, `ERR_CLOSE_SENT`
	 */
	fragment(kind: MessageKind, bytes: Uint8Array, last: boolean, isUtf8?: boolean): void {
		requireBytes(bytes);
		if (this.unfinished !== kind) this.#requireDataAllowed();
		this.#requireOpen();
		const message = this.#unfinished ?? this.#begin(kind);
		if (kind === "text" && !isUtf8) message.utf8 = utf8After(message.utf8, bytes, last);
		const payload = encodePiece(this.#extensions, message.rsv, bytes, last);
		this.#unfinished = last ? null : message;
		if (payload.length === 0 && !last) return;
		this.#writeData(dataFrameStart(kind === "text", !message.hasFrame, last, message.rsv), payload);
		message.hasFrame = true;
	}

	/** @throws UsageError `ERR_INVALID_PAYLOAD`, `ERR_TRANSFERRED`, `ERR_CONTROL_TOO_LONG` for more than 125 bytes */
	ping(payload: Uint8Array): void {
		this.#controlFrame(PING, payload);
	}

	/** @throws UsageError `ERR_INVALID_PAYLOAD`, `ERR_TRANSFERRED`, `ERR_CONTROL_TOO_LONG` for more than 125 bytes */
	pong(payload: Uint8Array): void {
		this.#controlFrame(PONG, payload);
	}

	/**
	 * Writes a Close frame. Without a code it is empty. No data frame and no second Close frame may follow it (§5.5.1).
	 *
	 * @param reason At most 123 bytes of UTF-8.
	 * @throws UsageError `ERR_INVALID_CLOSE_CODE`, `ERR_CLOSE_REASON_TOO_LONG`, `ERR_CLOSE_SENT`
	 */
	close(code?: number, reason: string = ""): void {
		this.#requireOpen();
		this.#controlFrame(CLOSE, closePayload(code, reason));
		this.end();
	}

	/** Stops writing data and Close frames. An unfinished message is never completed. */
	end(): void {
		this.#isClosed = true;
		this.#unfinished = null;
	}

	/**
	 * Sends frames made by `encodeMessage` without changes, for a server that sends the same message to many peers. The frames are
	 * not copied: do not change them until they are sent.
	 *
	 * @throws UsageError `ERR_PREPARED_NOT_ALLOWED` for a client, whose frames are masked one by one; `ERR_INVALID_PAYLOAD`,
	 * `ERR_TRANSFERRED`, `ERR_MESSAGE_UNFINISHED`, `ERR_CLOSE_SENT`
	 */
	prepared(frames: Uint8Array): void {
		requireBytes(frames);
		if (this.#random !== null) throw new UsageError("ERR_PREPARED_NOT_ALLOWED", "only a server may");
		this.#requireDataAllowed();
		this.#output.add(frames);
		this.#data = this.#output.buffered;
	}

	#message(kind: MessageKind, bytes: Uint8Array, plain?: boolean): void {
		const rsv = plain ? 0 : outgoingBits(this.#extensions, kind, bytes.length);
		const payload = encodePiece(this.#extensions, rsv, bytes, true);
		this.#writeData(dataFrameStart(kind === "text", true, true, rsv), payload);
	}

	#begin(kind: MessageKind, plain?: boolean, size: number | null = null): UnfinishedMessage {
		const rsv = plain ? 0 : outgoingBits(this.#extensions, kind, size);
		return { kind, rsv, hasFrame: false, utf8: UTF8_BOUNDARY };
	}

	#writeData(first: number, payload: Uint8Array): void {
		this.#writeFrame(first, payload);
		this.#data = this.#output.buffered;
	}

	#controlFrame(opcode: number, payload: Uint8Array): void {
		requireBytes(payload);
		if (payload.length > MAX_CONTROL_PAYLOAD) {
			throw new UsageError("ERR_CONTROL_TOO_LONG", "a control frame has at most 125 bytes");
		}
		this.#writeFrame(FIN | opcode, payload);
	}

	/** Writes a text that fits into the slab, at most three bytes per UTF-16 code unit. */
	#smallText(text: string, plain?: boolean): void {
		const start = reserveInSlab(MAX_HEADER_SIZE + text.length * 3);
		// The size of the header depends on the number of bytes, which is known only after encoding. Assume ASCII first.
		const isMasked = this.#random !== null;
		let at = start + headerSize(text.length, isMasked);
		let end = at + text.length;
		if (text.length > SHORT_ASCII || !encodeAsciiInto(text, slab, at)) {
			end = encodeUtf8Into(text, slab, at);
			const actual = start + headerSize(end - at, isMasked);
			if (actual !== at) {
				slab.copyWithin(actual, at, end);
				end += actual - at;
				at = actual;
			}
		}
		// Nothing is committed yet: if an extension transforms the message, it is written again.
		if (!plain && outgoingBits(this.#extensions, "text", end - at) !== 0)
			return this.#message("text", slab.slice(at, end), false);
		writeHeader(slab, start, dataFrameStart(true, true, true, 0), isMasked, end - at);
		this.#mask(slab, at, end);
		this.#output.addFromSlab(start, end);
		this.#data = this.#output.buffered;
	}

	#writeFrame(first: number, payload: Uint8Array): void {
		const { length } = payload;
		const isLarge = length > LARGE_PAYLOAD;
		// A client copies every payload, because it belongs to the caller and must be masked. A large payload is copied to a separate array.
		const isMasked = this.#random !== null;
		const isOwn = isLarge && isMasked;
		const start = isOwn ? 0 : reserveInSlab(MAX_HEADER_SIZE + (isLarge ? 0 : length));
		const into = isOwn ? new Uint8Array(headerSize(length, true) + length) : slab;
		const at = writeHeader(into, start, first, isMasked, length);
		if (isLarge && !isOwn) {
			this.#output.addFromSlab(start, at);
			this.#output.add(payload);
			return;
		}
		copyBytes(into, at, payload, 0, length);
		this.#mask(into, at, at + length);
		if (isOwn) this.#output.add(into);
		else this.#output.addFromSlab(start, at + length);
	}

	/** For a client: writes a new masking key before `from`, and masks `into[from, to)` with it. */
	#mask(into: Uint8Array, from: number, to: number): void {
		if (this.#random === null) return;
		// RFC 6455 §5.3: "The masking key needs to be unpredictable; thus, the masking key MUST be derived from a strong
		// source of entropy".
		this.#random(maskingKey);
		copyBytes(into, from - 4, maskingKey, 0, 4);
		applyMask(into, from, to, readInt32(maskingKey, 0));
	}

	/** §5.5.1: "The application MUST NOT send any more data frames after sending a Close frame." */
	#requireOpen(): void {
		if (this.#isClosed) throw new UsageError("ERR_CLOSE_SENT", "only ping and pong may follow Close");
	}

	/** §5.4: no data of another message is allowed between the fragments of a message. */
	#requireDataAllowed(): void {
		this.#requireOpen();
		if (this.#unfinished !== null) throw new UsageError("ERR_MESSAGE_UNFINISHED", "end the other one first");
	}
}

function utf8After(before: number, bytes: Uint8Array, last: boolean): number {
	const state = validateUtf8(before, bytes, 0, bytes.length);
	// §5.6: "the whole message MUST contain valid UTF-8"
	if (state === UTF8_INVALID || (last && state !== UTF8_BOUNDARY)) {
		throw new UsageError("ERR_INVALID_UTF8", "the text must be UTF-8");
	}
	return state;
}

/** If a number or a string is passed instead of bytes, the frame must not contain arbitrary memory or an invalid header. */
function requireBytes(payload: Uint8Array): void {
	if (payload?.BYTES_PER_ELEMENT !== 1) {
		throw new UsageError("ERR_INVALID_PAYLOAD", "a payload is a Uint8Array");
	}
	requireAttached(payload);
}
