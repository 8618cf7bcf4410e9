import { ByteQueue } from "./byte-queue.ts";
import { joinBytes, NO_BYTES, readInt32 } from "./bytes.ts";
import type { Role } from "./event.ts";
import { type Failure, type FailureKind, frameFailure } from "./failure.ts";
import type { FramingLimits } from "./limits.ts";
import { applyMask, rotateMaskingKey } from "./masking.ts";
import { BINARY, CONTINUATION, CONTROL_BIT, FIN, MASK, MAX_CONTROL_PAYLOAD, PONG } from "./opcode.ts";

/** The result of `advance`. */
export const NOTHING = 0;
/** A piece of a data message's payload. */
const PIECE = 1;
/** A whole control frame. */
export const CONTROL = 2;
/** A protocol violation, described by `failure`. */
export const FAILED = 3;
export type Signal = typeof NOTHING | typeof PIECE | typeof CONTROL | typeof FAILED;

/** 2 bytes, 8 for the length, 4 for the masking key. */
const MAX_HEADER_SIZE = 14;

/**
 * The maximum size of a piece of an encoded message when messages are given out in parts. A part is the decoded piece, which can be
 * several times larger.
 */
const ENCODED_PIECE = 16 * 1024;

/**
 * The state of a reader as plain data. An incomplete header or control frame is included in `unread`. A reader that has ended has no state.
 */
export interface FrameReaderState {
	/** Bytes received and not parsed, in the pieces in which they were received. */
	readonly unread: readonly Uint8Array[];
	/** The current message. null: there is none. */
	readonly message: {
		readonly opcode: number;
		readonly rsv: number;
		/** The payload bytes announced by its headers so far, and the number of its frames. */
		readonly size: number;
		readonly fragments: number;
		/** Bytes of the latest frame's payload that are not read yet. `fin`: whether it is the final frame, if there are such bytes. */
		readonly remaining: number;
		readonly fin: boolean;
		/** The masking key, rotated for the next byte. */
		readonly key: number;
	} | null;
}

/**
 * Parses the frames in the received chunks. It returns positions, not objects: after `advance`, `bytes[from, to)` contains the
 * unmasked payload. It allocates memory only if a header or a control frame is split between chunks.
 *
 * It checks the rules for single frames and for their order (§5). `MessageReader` handles text, Close frames and extensions.
 */
export class FrameReader {
	/** The position of the latest piece or control payload. */
	bytes: Uint8Array = NO_BYTES;
	from = 0;
	to = 0;
	/** The opcode of the latest frame. */
	opcode = 0;
	/** The opcode and the claimed reserved bits of the first frame of the message that the latest piece belongs to. */
	messageOpcode = 0;
	messageRsv = 0;
	/** The latest piece ends its message, or there was none. */
	isLast = true;
	failure: Failure | null = null;
	/** Further input is discarded. */
	hasEnded = false;
	/** Bytes received and not yet parsed. */
	unread = 0;
	/** Messages are given out in parts: only the limits for streamed messages apply. */
	readonly parts: boolean;
	readonly #limits: FramingLimits;
	readonly #claimedRsv: number;
	/** The peer's frames are masked. */
	readonly #isMasked: boolean;

	#chunk: Uint8Array = NO_BYTES;
	#position = 0;
	#waiting: ByteQueue | null = null;

	/** The beginning of a header or control frame that is split between chunks. */
	cut: { readonly bytes: Uint8Array; size: number } | null = null;

	#fin = false;
	#key = 0;
	#remaining = 0;

	#messageSize = 0;
	#fragments = 0;

	constructor(role: Role, limits: FramingLimits, claimedRsv: number, parts: boolean) {
		this.#limits = limits;
		this.parts = parts;
		this.#claimedRsv = claimedRsv;
		this.#isMasked = role === "server";
	}

	/** The maximum size of one message, before or after an extension decodes it. */
	get maxMessageSize(): number {
		return this.#limits[this.parts ? "maxStreamedSize" : "maxMessageSize"];
	}

	/** Bytes of memory that unread chunks keep alive, including the part of the first chunk that is already read. */
	get memory(): number {
		return this.unread === 0 ? 0 : this.unread + this.#position;
	}

	snapshot(): FrameReaderState {
		const chunks = this.cut === null ? [] : [this.cut.bytes.subarray(0, this.cut.size)];
		if (this.unread > 0) {
			// A chunk that is read to its end may have been freed together with its message.
			this.#turnChunk();
			chunks.push(this.#chunk.subarray(this.#position), ...(this.#waiting?.all() ?? []));
		}
		const remaining = this.#remaining;
		return {
			unread: chunks.filter(({ length }) => length > 0).map((chunk) => joinBytes([chunk])),
			message:
				this.hasEnded || (this.isLast && remaining === 0)
					? null
					: {
							opcode: this.messageOpcode,
							rsv: this.messageRsv,
							size: this.#messageSize,
							fragments: this.#fragments,
							remaining,
							// The values of a frame that is fully read are not part of the state.
							fin: remaining > 0 && this.#fin,
							key: remaining > 0 ? this.#key : 0,
						},
		};
	}

	/** For a reader that has received nothing: continues from the snapshot. */
	restore({ unread, message }: FrameReaderState): void {
		// Copies are needed: the chunks are unmasked in place, and the state may be used again.
		for (const chunk of unread) this.receive(joinBytes([chunk]));
		if (message === null) return;
		this.isLast = false;
		this.messageOpcode = message.opcode;
		this.messageRsv = message.rsv;
		this.#messageSize = message.size;
		this.#fragments = message.fragments;
		this.#remaining = message.remaining;
		this.#fin = message.fin;
		this.#key = message.key;
	}

	/** Takes ownership of the chunk. */
	receive(chunk: Uint8Array): void {
		if (this.hasEnded || chunk.length === 0) return;
		if (this.unread === 0) {
			this.#begin(chunk);
		} else {
			this.#waiting ??= new ByteQueue();
			this.#waiting.push(chunk);
		}
		this.unread += chunk.length;
	}

	/** Discards unread bytes and all further input. RFC 6455 §1.4, §7.1.7. */
	end(): void {
		this.hasEnded = true;
		this.unread = 0;
		this.#waiting = null;
		this.cut = null;
	}

	/** Ends with a violation. `found`: the number that broke the rule. Always returns false, so that a check can return the result. */
	fail(kind: FailureKind, found?: number): false {
		this.failure = frameFailure(kind, found);
		this.end();
		return false;
	}

	/** Moves to the next piece, control frame or violation. */
	advance(): Signal {
		if (this.unread === 0) {
			// An idle connection must not keep its last chunk alive.
			this.#begin(NO_BYTES);
			this.bytes = NO_BYTES;
			this.#waiting = null;
			return NOTHING;
		}
		if (this.#remaining === 0) {
			const signal = this.#readHeader();
			if (signal !== PIECE) return signal;
		}
		return this.#readPiece();
	}

	#readPiece(): Signal {
		if (this.#remaining > 0) {
			if (this.unread === 0) return NOTHING;
			this.#turnChunk();
		}
		const most = this.parts && this.messageRsv !== 0 ? ENCODED_PIECE : this.#remaining;
		const size = Math.min(most, this.#remaining, this.#chunk.length - this.#position);
		this.bytes = this.#chunk;
		this.from = this.#position;
		this.#position += size;
		this.to = this.#position;
		this.unread -= size;
		this.#remaining -= size;
		if (this.#isMasked && size > 0) {
			applyMask(this.bytes, this.from, this.to, this.#key);
			this.#key = rotateMaskingKey(this.#key, size);
		}
		this.isLast = this.#fin && this.#remaining === 0;
		return PIECE;
	}

	/** Marks the last `size` bytes of the latest piece as unread, as if the chunk ended before them. */
	putBack(size: number): void {
		this.#position -= size;
		this.unread += size;
		this.#remaining += size;
		this.isLast = false;
		if (!this.#isMasked) return;
		this.#key = rotateMaskingKey(this.#key, -size);
		applyMask(this.bytes, this.#position, this.to, this.#key);
	}

	#begin(chunk: Uint8Array): void {
		this.#chunk = chunk;
		this.#position = 0;
	}

	/** Moves to the next chunk if this one is read to its end. There must be unread bytes. */
	#turnChunk(): void {
		if (this.#position >= this.#chunk.length) this.#begin(this.#waiting!.shift()!);
	}

	/** PIECE: the header of a data frame is read. CONTROL: a whole control frame is read. NOTHING: more bytes are needed. */
	#readHeader(): Signal {
		this.#turnChunk();
		if (this.cut === null) {
			const signal = this.#parse(this.#chunk, this.#position, this.#chunk.length);
			if (signal !== NOTHING) {
				if (signal === FAILED) return FAILED;
				this.unread -= this.to - this.#position;
				this.#position = this.to;
				return signal;
			}
		}
		// Parse byte by byte if a header or a control frame is split between chunks.
		while (this.unread > 0) {
			this.#turnChunk();
			this.cut ??= { bytes: new Uint8Array(MAX_HEADER_SIZE + MAX_CONTROL_PAYLOAD), size: 0 };
			const { bytes } = this.cut;
			bytes[this.cut.size++] = this.#chunk[this.#position++];
			this.unread--;
			const signal = this.#parse(bytes, 0, this.cut.size);
			if (signal === NOTHING) continue;
			this.cut = null;
			return signal;
		}
		return NOTHING;
	}

	/**
	 * Reads a header, and a control frame's payload, in `bytes[start, end)`. A rule is checked as soon as the bytes that it applies
	 * to are complete, but not before the second byte. So the failure does not depend on how the stream was split.
	 */
	#parse(bytes: Uint8Array, start: number, end: number): Signal {
		const available = end - start;
		if (available < 2) return NOTHING;
		if (!this.#checkStart(bytes[start], bytes[start + 1])) return FAILED;
		const length = bytes[start + 1] & 0x7f;
		// §5.2: bytes of the extended payload length.
		const keyAt = length < 126 ? 2 : length === 126 ? 4 : 10;
		if (available < keyAt) return NOTHING;
		const size = this.#readLength(bytes, start, length);
		if (size === false) return FAILED;
		const header = keyAt + (this.#isMasked ? 4 : 0);
		const isControl = (this.opcode & CONTROL_BIT) !== 0;
		if (available < (isControl ? header + size : header)) return NOTHING;
		if (this.#isMasked) this.#key = readInt32(bytes, start + keyAt);
		this.to = start + header;
		if (!isControl) {
			this.#messageSize += size;
			this.#fragments++;
			this.#remaining = size;
			return PIECE;
		}
		this.bytes = bytes;
		this.from = this.to;
		this.to += size;
		if (this.#isMasked) applyMask(bytes, this.from, this.to, this.#key);
		return CONTROL;
	}

	/** Can be called again with the same bytes: its changes do not affect a second check. */
	#checkStart(first: number, second: number): boolean {
		const opcode = first & 0x0f;
		const rsv = (first >> 4) & 0b111;
		const isControl = (opcode & CONTROL_BIT) !== 0;
		const fin = (first & FIN) !== 0;

		// §5.2: "MUST be 0 unless an extension is negotiated that defines meanings for non-zero values." In this package, an extension
		// defines them for the first frame of a data message.
		const claimed = isControl || opcode === CONTINUATION ? 0 : this.#claimedRsv;
		if ((rsv & ~claimed) !== 0) return this.fail("reserved-bits", rsv);
		// §5.2: "If an unknown opcode is received, the receiving endpoint MUST _Fail the WebSocket Connection_."
		if (isControl ? opcode > PONG : opcode > BINARY) return this.fail("reserved-opcode", opcode);
		// §5.1: "The server MUST close the connection upon receiving a frame that is not masked." "A client MUST close a
		// connection if it detects a masked frame."
		if (((second & MASK) !== 0) !== this.#isMasked)
			return this.fail(this.#isMasked ? "unmasked-frame" : "masked-frame");
		if (isControl) {
			// §5.5: control frames "MUST have a payload length of 125 bytes or less and MUST NOT be fragmented."
			if (!fin) return this.fail("control-fragmented");
			if ((second & 0x7f) > MAX_CONTROL_PAYLOAD) return this.fail("control-too-long", second & 0x7f);
		} else if (opcode === CONTINUATION) {
			// §5.4: a fragmented message is a data frame with FIN clear and then continuation frames.
			if (this.isLast) return this.fail("continuation-unexpected", opcode);
		} else if (!this.isLast) {
			// §5.4: "The fragments of one message MUST NOT be interleaved between the fragments of another message
			// unless an extension has been negotiated that can interpret the interleaving."
			return this.fail("continuation-expected", opcode);
		}
		this.opcode = opcode;
		// A control frame between two fragments does not change the state of the message.
		if (!isControl) {
			this.#fin = fin;
			if (opcode !== CONTINUATION) {
				this.messageOpcode = opcode;
				this.messageRsv = rsv;
				this.#messageSize = 0;
				this.#fragments = 0;
			}
		}
		return true;
	}

	/** The length of the payload. false: it breaks a rule. The header begins at `start`; `short` is the 7-bit length. */
	#readLength(header: Uint8Array, start: number, short: number): number | false {
		let length = short;
		if (short === 126) {
			length = (header[start + 2] << 8) | header[start + 3];
			// §5.2: "the minimal number of bytes MUST be used to encode the length"
			if (length <= 125) return this.fail("length-not-minimal", length);
		} else if (short === 127) {
			const high = readInt32(header, start + 2) >>> 0;
			length = high * 2 ** 32 + (readInt32(header, start + 6) >>> 0);
			if (length <= 0xffff) return this.fail("length-not-minimal", length);
			// §5.2: "the most significant bit MUST be 0"
			if (high >= 2 ** 31) return this.fail("length-top-bit", length);
		}
		return ((this.opcode & CONTROL_BIT) !== 0 || this.#checkLimits(length)) && length;
	}

	/** The limits are checked before any payload is stored, and for all fragments together. RFC 6455 §10.4. */
	#checkLimits(length: number): boolean {
		const { maxFrameSize, maxFragments } = this.#limits;
		// Above 2^53 the sum of two lengths is not exact, so such a frame exceeds any limit.
		if (length > maxFrameSize || length > Number.MAX_SAFE_INTEGER) return this.fail("frame-too-big", length);
		// If an extension decodes the message, its decoded size counts. MessageReader checks that.
		if (this.messageRsv === 0 && this.#messageSize + length > this.maxMessageSize) return this.fail("message-too-big");
		// Messages in parts are not stored, so the number of fragments does not need a limit.
		if (!this.parts && this.#fragments >= maxFragments) return this.fail("too-many-fragments");
		return true;
	}
}
