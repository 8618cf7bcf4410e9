import { joinBytes, NO_BYTES, ownBytes } from "./bytes.ts";
import { controlEvent, failedEvent } from "./control-event.ts";
import type { MessageEvent, MessageKind, Role } from "./event.ts";
import { claimedBits, type Extension } from "./extension.ts";
import type { FailureKind } from "./failure.ts";
import { CONTROL, FAILED, FrameReader, type FrameReaderState, NOTHING, type Signal } from "./frame-reader.ts";
import { completeLimits, type FramingLimits, LONGEST_TEXT } from "./limits.ts";
import { MessageAssembly } from "./message-assembly.ts";
import { BINARY, TEXT } from "./opcode.ts";
import { decodeWith } from "./text-decoding.ts";
import { incompleteEnd, UTF8_BOUNDARY, UTF8_INVALID, validateUtf8 } from "./utf8.ts";

/**
 * About this many bytes of a message are decoded or put together before other connections continue. zlib needs about a millisecond
 * for that.
 */
const SLICE_SIZE = 1024 * 1024;

export interface ReaderOptions {
	/** The limits for the peer; {@link FramingLimits} documents the defaults. A complete object is shared: don't change it. */
	readonly limits?: Partial<FramingLimits> | undefined;
	/** The negotiated extensions, in the order of the server's Sec-WebSocket-Extensions field. */
	readonly extensions?: readonly Extension[] | undefined;
	/** Messages are given out in parts and are not stored. Default false: whole messages. */
	readonly parts?: boolean | undefined;
	/**
	 * Decodes one whole text message or close reason; null: not UTF-8. It must reject invalid UTF-8 and keep a byte order mark.
	 * Default: a fatal `TextDecoder`.
	 */
	readonly decodeText?: ((bytes: Uint8Array) => string | null) | undefined;
	/**
	 * If set, whole texts are given out as bytes (`utf8` events) after this function confirms that they are UTF-8. This is useful for
	 * forwarding or storing texts. It replaces every other check of texts. Texts in parts are always bytes.
	 */
	readonly isUtf8?: ((bytes: Uint8Array) => boolean) | undefined;
}

/** The state of a reader as plain data. The extensions have their own state. */
export interface MessageReaderState {
	readonly frames: FrameReaderState;
	/** The decoded size of the unfinished message. 0 if no extension decodes it. */
	readonly decodedSize: number;
	/** The bytes of the message that are not given out yet. With `parts`: the bytes of a split character. */
	readonly held: Uint8Array;
	/** The kind of the complete message that is being put together. `held` then contains the whole message. null: there is none. */
	readonly complete: MessageKind | null;
	/** A part of the unfinished message has been given out. */
	readonly hasPart: boolean;
}

/**
 * Converts received bytes into messages, either in parts as they are received, or whole. A whole message that is split between
 * chunks is stored until it ends. The caller owns the bytes of a message or part.
 */
export class MessageReader {
	readonly #frames: FrameReader;
	readonly #extensions: readonly Extension[];
	readonly #decodeText: ((bytes: Uint8Array) => string | null) | null;
	readonly #isUtf8: ((bytes: Uint8Array) => boolean) | null;
	#decodedSize = 0;
	#utf8 = UTF8_BOUNDARY;
	/** Whole messages only: the pieces of the current message. */
	#assembly: MessageAssembly | null = null;
	/** Parts only: the beginning of a split character, and whether a part has been given out. */
	#cutCharacter: Uint8Array = NO_BYTES;
	#hasPart = false;

	/** @throws UsageError `ERR_INVALID_LIMIT`, `ERR_INVALID_RSV`, `ERR_RSV_CONFLICT` */
	constructor(role: Role, options: ReaderOptions = {}) {
		const { limits = {}, extensions = [], parts = false, decodeText = null, isUtf8 = null } = options;
		this.#frames = new FrameReader(role, completeLimits(limits), claimedBits(extensions), parts);
		this.#extensions = extensions;
		this.#decodeText = decodeText;
		this.#isUtf8 = isUtf8;
	}

	/** Bytes received and not yet parsed. */
	get unread(): number {
		return this.#frames.unread;
	}

	/** After `next()` has returned null: there is more work that needs no further bytes. */
	get hasMore(): boolean {
		return this.#isJoining || this.#frames.unread > 0;
	}

	/** Bytes held for an unfinished message, or for a message that is being put together. */
	get held(): number {
		return this.#assembly === null ? this.#cutCharacter.length : this.#assembly.size;
	}

	/** Whether the last received bytes are an incomplete header or control frame or, with `parts`, an incomplete character. */
	get isCut(): boolean {
		return this.#frames.cut !== null || this.#cutCharacter.length > 0;
	}

	/**
	 * Bytes of memory of the unfinished message. 0 for a message that is being put together, because it needs no more bytes from the peer.
	 */
	get unfinished(): number {
		return this.#isJoining ? 0 : this.#messageMemory;
	}

	/** Bytes of memory of the current message, unfinished or not, and of the unread chunks. */
	get memory(): number {
		return this.#frames.memory + this.#messageMemory;
	}

	get #messageMemory(): number {
		return this.#assembly === null ? this.#cutCharacter.length : this.#assembly.memory;
	}

	/** A whole message has ended and is being put together in slices. */
	get #isJoining(): boolean {
		return this.#assembly?.isJoining === true;
	}

	snapshot(): MessageReaderState {
		return {
			frames: this.#frames.snapshot(),
			decodedSize: this.#decodedSize,
			held: this.#assembly === null ? joinBytes([this.#cutCharacter]) : this.#assembly.copy(),
			complete: this.#isJoining ? this.#kind : null,
			hasPart: this.#hasPart,
		};
	}

	/** For a reader that has received nothing: continues from the snapshot. */
	restore(state: MessageReaderState): void {
		this.#frames.restore(state.frames);
		this.#decodedSize = state.decodedSize;
		this.#hasPart = state.hasPart;
		const { held, complete } = state;
		const { message } = state.frames;
		if (message?.opcode === TEXT && (this.#frames.parts || message.rsv === 0))
			this.#utf8 = validateUtf8(UTF8_BOUNDARY, held, 0, held.length);
		// Copies are needed: the held bytes are freed with the message, and the state may be used again.
		if (this.#frames.parts) this.#cutCharacter = joinBytes([held]);
		else if (held.length > 0) this.#assembly = assemblyOf(held);
		if (complete === null) return;
		this.#frames.messageOpcode = complete === "text" ? TEXT : BINARY;
		this.#assembly?.join(0);
	}

	/**
	 * Takes ownership of the chunk. The chunk is unmasked in place, and a message may be a view of it. A buffer that contains only
	 * this chunk may be overwritten or freed (detached).
	 */
	receive(chunk: Uint8Array): void {
		this.#frames.receive(chunk);
	}

	/** Stops reading and drops the held bytes. */
	end(): void {
		this.#frames.end();
		this.#forgetMessage();
	}

	/**
	 * The next event; null: more bytes are needed, or the reader has given out `close` or `failed`. If `hasMore` is true after null,
	 * a slice of a message was decoded or put together: call again after other connections have run.
	 */
	next(): MessageEvent | null {
		const frames = this.#frames;
		if (this.#isJoining) return this.#join(SLICE_SIZE);
		const sliceEnd = this.#decodedSize + SLICE_SIZE;
		let event: MessageEvent | null = null;
		// While a message is being put together, the bytes after it are not parsed until the message is given out.
		while (event === null && this.#decodedSize < sliceEnd && !this.#isJoining) {
			const signal = frames.advance();
			if (signal === NOTHING) break;
			event = this.#eventOf(signal, sliceEnd);
			// When the connection ends, an unfinished message is dropped.
			if (frames.hasEnded) this.#forgetMessage();
		}
		return event;
	}

	#eventOf(signal: Signal, sliceEnd: number): MessageEvent | null {
		const frames = this.#frames;
		if (signal === FAILED) return failedEvent(frames);
		if (signal === CONTROL) return controlEvent(frames, this.#decodeText);
		const failure = this.#decode(sliceEnd);
		if (failure !== null) return failedEvent(frames, failure);
		return frames.parts ? this.#nextPart() : this.#nextMessage();
	}

	/**
	 * Lets the extensions decode the latest piece if it is encoded. Then `bytes[from, to)` contains the decoded piece. Input that
	 * would make the decoded message larger than `sliceEnd` is put back.
	 */
	#decode(sliceEnd: number): FailureKind | null {
		const frames = this.#frames;
		const { messageRsv } = frames;
		if (messageRsv === 0 || (!frames.isLast && frames.from === frames.to)) return null;
		const room = frames.maxMessageSize - this.#decodedSize;
		let most = sliceEnd - this.#decodedSize;
		let piece = frames.bytes.subarray(frames.from, frames.to);
		// RFC 6455 §9.1: the peer's extensions encode in the order of the list; decoding uses the reverse order.
		for (let i = this.#extensions.length - 1; i >= 0; i--) {
			const extension = this.#extensions[i];
			if ((messageRsv & extension.rsv) === 0) continue;
			const decoded = extension.decode(piece, frames.isLast, room, most);
			if (typeof decoded === "string") return decoded;
			if (extension.left) frames.putBack(extension.left);
			// Only bytes of a frame can be put back, and later extensions read decoded bytes.
			most = Number.POSITIVE_INFINITY;
			piece = decoded;
		}
		// Check the size again: an extension may have exceeded its limit.
		if (piece.length > room) return "message-too-big";
		this.#decodedSize = frames.isLast ? 0 : this.#decodedSize + piece.length;
		frames.bytes = piece;
		frames.from = 0;
		frames.to = piece.length;
		return null;
	}

	#nextPart(): MessageEvent | null {
		const frames = this.#frames;
		const { isLast } = frames;
		let { bytes, from, to } = frames;
		const kind = this.#kind;
		if (kind === "text") {
			if (!this.#isValidText(bytes, from, to, isLast)) return failedEvent(frames, "invalid-utf8");
			if (this.#cutCharacter.length > 0) {
				bytes = joinBytes([this.#cutCharacter, bytes.subarray(from, to)]);
				from = 0;
				to = bytes.length;
			}
			const end = this.#utf8 === UTF8_BOUNDARY ? to : incompleteEnd(bytes, to);
			this.#cutCharacter = end === to ? NO_BYTES : joinBytes([bytes.subarray(end, to)]);
			to = end;
		}
		if (!isLast && from === to) return null;
		const first = !this.#hasPart;
		this.#hasPart = !isLast;
		return { type: "part", kind, bytes: ownBytes(bytes, from, to), first, last: isLast };
	}

	/** Takes the latest piece. Returns the message that it completes, or the violation. */
	#nextMessage(): MessageEvent | null {
		const frames = this.#frames;
		const { bytes, from, to, isLast } = frames;
		// Ignore empty fragments: if all other fragments are empty, nothing must be put together.
		if (!isLast && from === to) return null;
		if (this.#assembly === null && isLast) return this.#messageOf(bytes, from, to);
		const isDecoded = frames.messageRsv !== 0;
		// A text that an extension decodes is validated when it is complete: if two rules are broken, the one that is found first must
		// not depend on how the stream was split.
		const isChecked = this.#kind === "text" && !isDecoded && this.#isUtf8 === null;
		if (isChecked && !this.#isValidText(bytes, from, to, isLast)) return failedEvent(frames, "invalid-utf8");
		this.#assembly ??= new MessageAssembly();
		this.#assembly.add(bytes, from, to);
		if (!isLast) return null;
		// If this call has decoded a slice, the next call begins to put the message together.
		return this.#join(isDecoded && this.#assembly.size > SLICE_SIZE ? 0 : SLICE_SIZE);
	}

	/** Puts at most `most` further bytes of the message together. Returns the message when it is complete. */
	#join(most: number): MessageEvent | null {
		const whole = this.#assembly!.join(most);
		if (whole === null) return null;
		this.#assembly = null;
		return this.#messageOf(whole, 0, whole.length);
	}

	/** Returns the message with these bytes, or the violation. */
	#messageOf(bytes: Uint8Array, from: number, to: number): MessageEvent {
		if (this.#kind === "binary") return { type: "binary", bytes: ownBytes(bytes, from, to) };
		if (this.#isUtf8 !== null) {
			const utf8 = ownBytes(bytes, from, to);
			return this.#isUtf8(utf8) ? { type: "utf8", bytes: utf8 } : failedEvent(this.#frames, "invalid-utf8");
		}
		if (to - from > LONGEST_TEXT) return failedEvent(this.#frames, "message-too-big");
		const text = decodeWith(this.#decodeText, bytes, from, to);
		return text === null ? failedEvent(this.#frames, "invalid-utf8") : { type: "text", text };
	}

	get #kind(): MessageKind {
		return this.#frames.messageOpcode === TEXT ? "text" : "binary";
	}

	// RFC 6455 §8.1: "When an endpoint is to interpret a byte stream as UTF-8 but finds that the byte stream is not, in
	// fact, a valid UTF-8 stream, that endpoint MUST _Fail the WebSocket Connection_."
	#isValidText(bytes: Uint8Array, from: number, to: number, isLast: boolean): boolean {
		this.#utf8 = validateUtf8(this.#utf8, bytes, from, to);
		return this.#utf8 !== UTF8_INVALID && (!isLast || this.#utf8 === UTF8_BOUNDARY);
	}

	#forgetMessage(): void {
		this.#assembly?.drop();
		this.#assembly = null;
		this.#cutCharacter = NO_BYTES;
		this.#decodedSize = 0;
		this.#utf8 = UTF8_BOUNDARY;
		this.#hasPart = false;
	}
}

/**
 * Copies the bytes into pieces that are not larger than a slice, so that each piece can be freed while the message is put together.
 */
function assemblyOf(bytes: Uint8Array): MessageAssembly {
	const assembly = new MessageAssembly();
	for (let from = 0; from < bytes.length; from += SLICE_SIZE) {
		const piece = joinBytes([bytes.subarray(from, from + SLICE_SIZE)]);
		assembly.add(piece, 0, piece.length);
	}
	return assembly;
}
