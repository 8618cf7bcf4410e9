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

/** About so many bytes of a message are decoded, or put together, before others have their turn: a millisecond's work, for zlib. */
const SLICE_SIZE = 1024 * 1024;

export interface ReaderOptions {
	/** What to accept of the peer; {@link FramingLimits} names the defaults. A complete object is shared: don't change it. */
	readonly limits?: Partial<FramingLimits> | undefined;
	/** The negotiated extensions, in the order of the server's Sec-WebSocket-Extensions field. */
	readonly extensions?: readonly Extension[] | undefined;
	/** Messages come in parts, and nothing of them is held. Default false: they come whole. */
	readonly parts?: boolean | undefined;
	/**
	 * Decodes one whole text message or close reason; null: not UTF-8. It must be strict and keep a byte order mark.
	 * Default: a fatal `TextDecoder`.
	 */
	readonly decodeText?: ((bytes: Uint8Array) => string | null) | undefined;
	/**
	 * With it, whole texts are given out as bytes (`utf8` events), once it has said that they are UTF-8: for whoever hands them on, or writes them down.
	 * It takes the place of every other check of texts. Texts in parts are bytes anyway.
	 */
	readonly isUtf8?: ((bytes: Uint8Array) => boolean) | undefined;
}

/** Where a reader stands, as plain data. The extensions have their own state. */
export interface MessageReaderState {
	readonly frames: FrameReaderState;
	/** Bytes of the unfinished message after the extensions have decoded it; 0 where none does. */
	readonly decodedSize: number;
	/** The message's bytes that have not been given out; in parts: those of a character that is cut. */
	readonly held: Uint8Array;
	/** Of which kind the message is that has come to its end, is all that is held, and is put together. null: there is none. */
	readonly complete: MessageKind | null;
	/** A part of the unfinished message has been given out. */
	readonly hasPart: boolean;
}

/**
 * Bytes in, messages out: in parts as they arrive, or whole: a message that lies in several chunks is held until it ends.
 * The bytes of a message or part are the caller's own.
 */
export class MessageReader {
	readonly #frames: FrameReader;
	readonly #extensions: readonly Extension[];
	readonly #decodeText: ((bytes: Uint8Array) => string | null) | null;
	readonly #isUtf8: ((bytes: Uint8Array) => boolean) | null;
	#decodedSize = 0;
	#utf8 = UTF8_BOUNDARY;
	/** Whole messages only: the pieces of the one under way. */
	#assembly: MessageAssembly | null = null;
	/** Parts only: the beginning of a character, and whether a part has been given out. */
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

	/** Behind a null of `next()`: there is more to do without further bytes. */
	get hasMore(): boolean {
		return this.#isJoining || this.#frames.unread > 0;
	}

	/** Bytes held for an unfinished message, or for one that is put together. */
	get held(): number {
		return this.#assembly === null ? this.#cutCharacter.length : this.#assembly.size;
	}

	/** Whether the last bytes that came are the beginning of a header or of a control frame, or, in parts, of a character. */
	get isCut(): boolean {
		return this.#frames.cut !== null || this.#cutCharacter.length > 0;
	}

	/** Bytes of memory that the unfinished message takes. One that is put together needs nothing more of the peer: 0. */
	get unfinished(): number {
		return this.#isJoining ? 0 : this.#messageMemory;
	}

	/** Bytes of memory that a message takes, unfinished or not, and that unread chunks keep alive. */
	get memory(): number {
		return this.#frames.memory + this.#messageMemory;
	}

	get #messageMemory(): number {
		return this.#assembly === null ? this.#cutCharacter.length : this.#assembly.memory;
	}

	/** A whole message has come to its end, and is put together by slices. */
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

	/** For a reader that has received nothing: goes on where the snapshot was taken. */
	restore(state: MessageReaderState): void {
		this.#frames.restore(state.frames);
		this.#decodedSize = state.decodedSize;
		this.#hasPart = state.hasPart;
		const { held, complete } = state;
		const { message } = state.frames;
		if (message?.opcode === TEXT && (this.#frames.parts || message.rsv === 0))
			this.#utf8 = validateUtf8(UTF8_BOUNDARY, held, 0, held.length);
		// Copies: what is held is freed with the message, and the state may be used again.
		if (this.#frames.parts) this.#cutCharacter = joinBytes([held]);
		else if (held.length > 0) this.#assembly = assemblyOf(held);
		if (complete === null) return;
		this.#frames.messageOpcode = complete === "text" ? TEXT : BINARY;
		this.#assembly?.join(0);
	}

	/**
	 * Takes the chunk over: it is unmasked in place, a message may be a view of it, and a buffer that is all this chunk may be
	 * wiped or freed (detached).
	 */
	receive(chunk: Uint8Array): void {
		this.#frames.receive(chunk);
	}

	/** Nothing more is read: what is held is given up. */
	end(): void {
		this.#frames.end();
		this.#forgetMessage();
	}

	/**
	 * The next event; null: more bytes are needed, or the reader has given out `close` or `failed`. Where `hasMore` is true
	 * behind a null, a slice of a message has been decoded or put together: ask again, and let others have their turn before.
	 */
	next(): MessageEvent | null {
		const frames = this.#frames;
		if (this.#isJoining) return this.#join(SLICE_SIZE);
		const sliceEnd = this.#decodedSize + SLICE_SIZE;
		let event: MessageEvent | null = null;
		// What is behind a message that is put together is parsed when that has been given out.
		while (event === null && this.#decodedSize < sliceEnd && !this.#isJoining) {
			const signal = frames.advance();
			if (signal === NOTHING) break;
			event = this.#eventOf(signal, sliceEnd);
			// An unfinished message is given up with the connection.
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
	 * Has the extensions decode the latest piece, where they have encoded it: it lies in `bytes[from, to)` then. What would make
	 * the decoded message larger than `sliceEnd` is put back.
	 */
	#decode(sliceEnd: number): FailureKind | null {
		const frames = this.#frames;
		const { messageRsv } = frames;
		if (messageRsv === 0 || (!frames.isLast && frames.from === frames.to)) return null;
		const room = frames.maxMessageSize - this.#decodedSize;
		let most = sliceEnd - this.#decodedSize;
		let piece = frames.bytes.subarray(frames.from, frames.to);
		// RFC 6455 §9.1: what the peer's extensions did in the order of the list is undone in the reverse order.
		for (let i = this.#extensions.length - 1; i >= 0; i--) {
			const extension = this.#extensions[i];
			if ((messageRsv & extension.rsv) === 0) continue;
			const decoded = extension.decode(piece, frames.isLast, room, most);
			if (typeof decoded === "string") return decoded;
			if (extension.left) frames.putBack(extension.left);
			// Only what a frame has brought can be put back.
			most = Number.POSITIVE_INFINITY;
			piece = decoded;
		}
		// The last word on the size is not an extension's.
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

	/** Takes the latest piece, and gives the message that it ends or the rule that it breaks. */
	#nextMessage(): MessageEvent | null {
		const frames = this.#frames;
		const { bytes, from, to, isLast } = frames;
		// Empty fragments leave no trace: if all others are empty, nothing has to be put together.
		if (!isLast && from === to) return null;
		if (this.#assembly === null && isLast) return this.#messageOf(bytes, from, to);
		const isDecoded = frames.messageRsv !== 0;
		// What an extension makes of a text is validated when all of it is there: which of two broken rules is found first
		// must not depend on how the stream was cut.
		const isChecked = this.#kind === "text" && !isDecoded && this.#isUtf8 === null;
		if (isChecked && !this.#isValidText(bytes, from, to, isLast)) return failedEvent(frames, "invalid-utf8");
		this.#assembly ??= new MessageAssembly();
		this.#assembly.add(bytes, from, to);
		if (!isLast) return null;
		// Where this call has decoded a slice, putting together begins with the next one.
		return this.#join(isDecoded && this.#assembly.size > SLICE_SIZE ? 0 : SLICE_SIZE);
	}

	/** Puts at most so many further bytes of the message together, and gives it once all are. */
	#join(most: number): MessageEvent | null {
		const whole = this.#assembly!.join(most);
		if (whole === null) return null;
		this.#assembly = null;
		return this.#messageOf(whole, 0, whole.length);
	}

	/** The message whose bytes these are, or the rule that it breaks. */
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
		this.#assembly = null;
		this.#cutCharacter = NO_BYTES;
		this.#decodedSize = 0;
		this.#utf8 = UTF8_BOUNDARY;
		this.#hasPart = false;
	}
}

/**
 * Of bytes that are not to be kept: the pieces of it are copies, none larger than a slice, so that each is let go when the message
 * is put together.
 */
function assemblyOf(bytes: Uint8Array): MessageAssembly {
	const assembly = new MessageAssembly();
	for (let from = 0; from < bytes.length; from += SLICE_SIZE) {
		const piece = joinBytes([bytes.subarray(from, from + SLICE_SIZE)]);
		assembly.add(piece, 0, piece.length);
	}
	return assembly;
}
