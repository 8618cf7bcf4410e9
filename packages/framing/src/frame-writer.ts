import { maySendCloseCode } from "./close-code.ts";
import type { MessageKind, Role } from "./event.ts";
import { claimedBits, type Extension } from "./extension.ts";
import { dataFrameStart, headerSize, writeHeader } from "./frame-header.ts";
import { applyMask } from "./masking.ts";
import { type MaskingKeys, maskingKeysFrom, nextMaskingKey } from "./masking-keys.ts";
import { copyOctets, NO_OCTETS } from "./octets.ts";
import { CLOSE, FIN, MASK, MAX_CONTROL_PAYLOAD, PING, PONG } from "./opcode.ts";
import { Output } from "./output.ts";
import { reserveInSlab, slab } from "./slab.ts";
import { encodeAsciiInto, encodeUtf8, encodeUtf8Into } from "./text-encoding.ts";
import { UsageError } from "./usage-error.ts";
import { UTF8_BOUNDARY, UTF8_INVALID, validateUtf8 } from "./utf8.ts";

export interface WriterOptions {
	/**
	 * Fills the array with octets from a strong source of randomness; a client needs it for its masking keys.
	 * Give all writers the same function: they share what it fills.
	 */
	readonly random?: (into: Uint8Array) => void;
	/** The negotiated extensions, in the order of the server's Sec-WebSocket-Extensions field. */
	readonly extensions?: readonly Extension[];
}

/**
 * A larger payload is not copied behind its header: the header and the caller's octets leave as two pieces. Up to here
 * the copy is cheaper than one more piece, for which a socket needs one more entry in its vector. Found by
 * bench/micro/framing.ts.
 */
export const LARGE_PAYLOAD = 4096;

/** Up to this many characters a loop over ASCII beats `encodeInto`. Found by bench/micro/text.ts. */
export const SHORT_ASCII = 32;

/** 10 octets and the masking key. */
const MAX_HEADER_SIZE = 14;

/** Messages and control frames in, octets out. */
export class FrameWriter {
	private readonly keys: MaskingKeys | null;
	private readonly maskBit: number;
	private readonly extensions: readonly Extension[];
	private readonly output: Output = new Output();

	/** The message that `fragment` has begun and not ended. */
	private unfinished: MessageKind | null = null;
	/** Its first frame has been written, its first piece has been encoded. */
	private hasFrame = false;
	private hasPiece = false;
	private rsv = 0;
	private utf8 = UTF8_BOUNDARY;
	private isClosed = false;

	/** @throws UsageError `ERR_RANDOM_REQUIRED`, `ERR_INVALID_RSV`, `ERR_RSV_CONFLICT` */
	constructor(role: Role, options: WriterOptions = {}) {
		const { random, extensions = [] } = options;
		claimedBits(extensions);
		this.extensions = extensions;
		this.maskBit = role === "client" ? MASK : 0;
		if (role === "server") {
			this.keys = null;
		} else {
			// RFC 6455 §5.3: "The masking key is a 32-bit value chosen at random by the client."
			if (random === undefined) {
				throw new UsageError("ERR_RANDOM_REQUIRED", "a client masks its frames: give it the option `random`");
			}
			this.keys = maskingKeysFrom(random);
		}
	}

	/** Octets written and not yet taken by `next`. */
	get buffered(): number {
		return this.output.buffered;
	}

	/** The next piece of output; null: there is none. Pieces are views that nobody may write to. */
	next(): Uint8Array | null {
		return this.output.next();
	}

	/**
	 * A whole text message. A lone surrogate becomes U+FFFD.
	 *
	 * @throws UsageError `ERR_INVALID_TEXT`, `ERR_MESSAGE_UNFINISHED`, `ERR_CLOSE_SENT`
	 */
	text(text: string): void {
		if (typeof text !== "string") throw new UsageError("ERR_INVALID_TEXT", "text() takes a string");
		this.requireDataAllowed();
		if (this.extensions.length > 0) this.transformed("text", encodeUtf8(text));
		else if (text.length * 3 <= LARGE_PAYLOAD) this.smallText(text);
		else this.writeFrame(dataFrameStart(true, true, true, 0), encodeUtf8(text));
	}

	/**
	 * A whole binary message. A server sends a large one by reference: the octets must not change until they are sent.
	 *
	 * @throws UsageError `ERR_INVALID_PAYLOAD`, `ERR_MESSAGE_UNFINISHED`, `ERR_CLOSE_SENT`
	 */
	binary(bytes: Uint8Array): void {
		requireOctets(bytes);
		this.requireDataAllowed();
		if (this.extensions.length > 0) this.transformed("binary", bytes);
		else this.writeFrame(dataFrameStart(false, true, true, 0), bytes);
	}

	/**
	 * The next fragment of a message (RFC 6455 §5.4), of the same kind until `last`. Control frames may come in between.
	 * An empty fragment writes no frame unless it is the last one. A text may be cut inside a character.
	 *
	 * @throws UsageError `ERR_INVALID_PAYLOAD`, `ERR_INVALID_UTF8`, `ERR_MESSAGE_UNFINISHED`, `ERR_CLOSE_SENT`
	 */
	fragment(kind: MessageKind, bytes: Uint8Array, last: boolean): void {
		requireOctets(bytes);
		if (this.unfinished !== kind) this.requireDataAllowed();
		this.requireOpen();
		if (kind === "text") this.utf8 = this.utf8After(bytes, last);
		if (this.unfinished === null) this.begin(kind, null);
		this.piece(kind, bytes, last);
	}

	/** @throws UsageError `ERR_INVALID_PAYLOAD`, `ERR_CONTROL_TOO_LONG` for more than 125 octets */
	ping(payload: Uint8Array): void {
		this.controlFrame(PING, payload);
	}

	/** @throws UsageError `ERR_INVALID_PAYLOAD`, `ERR_CONTROL_TOO_LONG` for more than 125 octets */
	pong(payload: Uint8Array): void {
		this.controlFrame(PONG, payload);
	}

	/**
	 * A Close frame; without a code it is empty. No data and no second Close may follow it (§5.5.1).
	 *
	 * @param reason At most 123 octets of UTF-8.
	 * @throws UsageError `ERR_INVALID_CLOSE_CODE`, `ERR_CLOSE_REASON_TOO_LONG`, `ERR_CLOSE_SENT`
	 */
	close(code?: number, reason: string = ""): void {
		this.requireOpen();
		if (code === undefined) {
			// §5.5.1: a reason comes after a status code.
			if (reason !== "") throw new UsageError("ERR_INVALID_CLOSE_CODE", "a close reason needs a close code");
			this.controlFrame(CLOSE, NO_OCTETS);
		} else {
			if (!maySendCloseCode(code)) {
				const allowed = "1000-1003, 1007-1014 and 3000-4999";
				throw new UsageError("ERR_INVALID_CLOSE_CODE", `${code} must not be sent in a Close frame; use ${allowed}`);
			}
			const text = encodeUtf8(reason);
			if (text.length > MAX_CONTROL_PAYLOAD - 2) {
				throw new UsageError("ERR_CLOSE_REASON_TOO_LONG", `a close reason has at most 123 octets, not ${text.length}`);
			}
			const payload = new Uint8Array(2 + text.length);
			payload[0] = code >>> 8;
			payload[1] = code;
			payload.set(text, 2);
			this.controlFrame(CLOSE, payload);
		}
		this.isClosed = true;
	}

	/**
	 * Frames made by `encodeMessage`, sent as they are: for a server that tells many peers the same. Large ones are not
	 * copied and must not change until they are sent.
	 *
	 * @throws UsageError `ERR_PREPARED_NOT_ALLOWED` for a client, whose frames are masked one by one, and with extensions;
	 * `ERR_INVALID_PAYLOAD`, `ERR_MESSAGE_UNFINISHED`, `ERR_CLOSE_SENT`
	 */
	prepared(frames: Uint8Array): void {
		requireOctets(frames);
		if (this.keys !== null || this.extensions.length > 0) {
			throw new UsageError("ERR_PREPARED_NOT_ALLOWED", "only a server without extensions sends prepared frames");
		}
		this.requireDataAllowed();
		if (frames.length > LARGE_PAYLOAD) {
			this.output.add(frames);
		} else {
			const at = reserveInSlab(frames.length);
			copyOctets(slab, at, frames, 0, frames.length);
			this.output.addFromSlab(at, at + frames.length);
		}
	}

	private transformed(kind: MessageKind, bytes: Uint8Array): void {
		this.begin(kind, bytes.length);
		this.piece(kind, bytes, true);
	}

	private begin(kind: MessageKind, size: number | null): void {
		this.rsv = 0;
		for (const extension of this.extensions) this.rsv |= extension.outgoingRsv(kind, size) & extension.rsv;
		this.unfinished = kind;
		this.hasFrame = false;
		this.hasPiece = false;
	}

	private piece(kind: MessageKind, bytes: Uint8Array, last: boolean): void {
		let payload = bytes;
		// §9.1: the extensions act on the payload in the order of the list.
		for (const extension of this.extensions) payload = extension.encode(payload, kind, !this.hasPiece, last);
		this.hasPiece = true;
		if (payload.length > 0 || last) {
			this.writeFrame(dataFrameStart(kind === "text", !this.hasFrame, last, this.rsv), payload);
			this.hasFrame = true;
		}
		if (last) this.unfinished = null;
	}

	private utf8After(bytes: Uint8Array, last: boolean): number {
		const state = validateUtf8(this.utf8, bytes, 0, bytes.length);
		// §5.6: "the whole message MUST contain valid UTF-8"
		if (state === UTF8_INVALID || (last && state !== UTF8_BOUNDARY)) {
			throw new UsageError("ERR_INVALID_UTF8", "the fragments of a text message must make up valid UTF-8");
		}
		return state;
	}

	private controlFrame(opcode: number, payload: Uint8Array): void {
		requireOctets(payload);
		if (payload.length > MAX_CONTROL_PAYLOAD) {
			const message = `a control frame carries at most 125 octets, not ${payload.length}`;
			throw new UsageError("ERR_CONTROL_TOO_LONG", message);
		}
		this.writeFrame(FIN | opcode, payload);
	}

	/** A text whose octets, three for a UTF-16 code unit at most, are few enough for the slab. */
	private smallText(text: string): void {
		const first = dataFrameStart(true, true, true, 0);
		const key = this.keys === null ? 0 : nextMaskingKey(this.keys);
		const keySize = this.keys === null ? 0 : 4;
		const start = reserveInSlab(MAX_HEADER_SIZE + text.length * 3);
		// The header's size depends on the number of octets, which is known afterwards: begin as if all were ASCII.
		let at = start + headerSize(text.length) + keySize;
		let end = at + text.length;
		if (text.length > SHORT_ASCII || !encodeAsciiInto(text, slab, at)) {
			end = encodeUtf8Into(text, slab, at);
			const actual = start + headerSize(end - at) + keySize;
			if (actual !== at) {
				slab.copyWithin(actual, at, end);
				end += actual - at;
				at = actual;
			}
		}
		writeHeader(slab, start, first, this.maskBit, end - at);
		if (keySize > 0) this.maskInto(slab, at, end, key);
		this.output.addFromSlab(start, end);
	}

	private writeFrame(first: number, payload: Uint8Array): void {
		const { length } = payload;
		if (this.keys !== null) {
			this.writeMasked(first, payload, nextMaskingKey(this.keys));
			return;
		}
		const isLarge = length > LARGE_PAYLOAD;
		const start = reserveInSlab(MAX_HEADER_SIZE + (isLarge ? 0 : length));
		const at = writeHeader(slab, start, first, 0, length);
		if (isLarge) {
			this.output.addFromSlab(start, at);
			this.output.add(payload);
		} else {
			copyOctets(slab, at, payload, 0, length);
			this.output.addFromSlab(start, at + length);
		}
	}

	/** The payload belongs to the caller: it is copied, and the copy is masked. */
	private writeMasked(first: number, payload: Uint8Array, key: number): void {
		const { length } = payload;
		const isLarge = length > LARGE_PAYLOAD;
		const start = isLarge ? 0 : reserveInSlab(MAX_HEADER_SIZE + length);
		const into = isLarge ? new Uint8Array(headerSize(length) + 4 + length) : slab;
		const at = writeHeader(into, start, first, MASK, length) + 4;
		copyOctets(into, at, payload, 0, length);
		this.maskInto(into, at, at + length, key);
		if (isLarge) this.output.add(into);
		else this.output.addFromSlab(start, at + length);
	}

	/** Writes the key before `from` and masks `into[from, to)` with it. */
	private maskInto(into: Uint8Array, from: number, to: number, key: number): void {
		into[from - 4] = key >>> 24;
		into[from - 3] = key >>> 16;
		into[from - 2] = key >>> 8;
		into[from - 1] = key;
		applyMask(into, from, to, key);
	}

	/** §5.5.1: "The application MUST NOT send any more data frames after sending a Close frame." */
	private requireOpen(): void {
		if (this.isClosed) throw new UsageError("ERR_CLOSE_SENT", "nothing but ping and pong may follow a Close frame");
	}

	/** §5.4: no data of another message between the fragments of one. */
	private requireDataAllowed(): void {
		this.requireOpen();
		if (this.unfinished !== null) {
			const message = `end the ${this.unfinished} message first: fragment("${this.unfinished}", bytes, true)`;
			throw new UsageError("ERR_MESSAGE_UNFINISHED", message);
		}
	}
}

/** A number or a string in place of octets must not become a frame of arbitrary memory or a broken header. */
function requireOctets(payload: Uint8Array): void {
	if (payload?.BYTES_PER_ELEMENT !== 1) {
		throw new UsageError("ERR_INVALID_PAYLOAD", "a payload is a Uint8Array; text goes to text()");
	}
}
