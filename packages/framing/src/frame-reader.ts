import { ByteQueue } from "./byte-queue.ts";
import { joinBytes, NO_BYTES, readInt32 } from "./bytes.ts";
import type { Role } from "./event.ts";
import { type Failure, type FailureKind, frameFailure } from "./failure.ts";
import type { FramingLimits } from "./limits.ts";
import { applyMask, rotateMaskingKey } from "./masking.ts";
import { BINARY, CONTINUATION, CONTROL_BIT, FIN, MASK, MAX_CONTROL_PAYLOAD, PONG } from "./opcode.ts";

/** What `advance` found. */
export const NOTHING = 0;
/** A piece of a data message's payload. */
const PIECE = 1;
/** A whole control frame. */
export const CONTROL = 2;
/** A violation: `failure` names it. */
export const FAILED = 3;
export type Signal = typeof NOTHING | typeof PIECE | typeof CONTROL | typeof FAILED;

/** 2 bytes, 8 for the length, 4 for the masking key. */
const MAX_HEADER_SIZE = 14;

/**
 * So many bytes of a message that an extension decodes are one piece at the most, where parts are given out: a part is what comes
 * out of a piece, some times as much.
 */
const ENCODED_PIECE = 16 * 1024;

/**
 * Where a reader stands, as plain data. A header or a control frame that has not come whole is a part of `unread`. One that has
 * ended has nothing to tell.
 */
export interface FrameReaderState {
	/** Bytes received and not parsed, in the pieces in which they came. */
	readonly unread: readonly Uint8Array[];
	/** The message under way; null: there is none. */
	readonly message: {
		readonly opcode: number;
		readonly rsv: number;
		/** Its payload bytes by the headers so far, and its frames. */
		readonly size: number;
		readonly fragments: number;
		/** Bytes of the latest frame's payload that are still to come. While there are: whether it is the final frame. */
		readonly remaining: number;
		readonly fin: boolean;
		/** The masking key as it is for the next byte. */
		readonly key: number;
	} | null;
}

/**
 * Walks over the frames in the received chunks. It gives positions, not objects: after `advance` the payload lies
 * unmasked in `bytes[from, to)`, and nothing has been allocated unless the end of a chunk has cut a header or a control
 * frame.
 *
 * It keeps the rules of single frames and of their order (§5). Text, Close and extensions are for `MessageReader`.
 */
export class FrameReader {
	/** Where the latest piece or control payload lies. */
	bytes: Uint8Array = NO_BYTES;
	from = 0;
	to = 0;
	/** The opcode of the latest frame. */
	opcode = 0;
	/** Of the message that the latest piece belongs to: its first frame's opcode and claimed reserved bits. */
	messageOpcode = 0;
	messageRsv = 0;
	/** The latest piece ends its message, or there was none. */
	isLast = true;
	failure: Failure | null = null;
	/** What comes is discarded. */
	hasEnded = false;
	/** Bytes received and not yet parsed. */
	unread = 0;
	/** Messages are given out in parts: only the limits of a streamed message count. */
	readonly parts: boolean;
	readonly #limits: FramingLimits;
	readonly #claimedRsv: number;
	/** The peer's frames are masked. */
	readonly #isMasked: boolean;

	#chunk: Uint8Array = NO_BYTES;
	#position = 0;
	#waiting: ByteQueue | null = null;

	/** The beginning of a header or of a control frame that the end of a chunk has cut. */
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

	/** Bytes of one message, as they are before or after an extension. */
	get maxMessageSize(): number {
		return this.#limits[this.parts ? "maxStreamedSize" : "maxMessageSize"];
	}

	/** Bytes of memory that unread chunks keep alive: also what has been read of the first one. */
	get memory(): number {
		return this.unread === 0 ? 0 : this.unread + this.#position;
	}

	snapshot(): FrameReaderState {
		const chunks = this.cut === null ? [] : [this.cut.bytes.subarray(0, this.cut.size)];
		if (this.unread > 0) {
			// A chunk that has been read to its end may have been freed with its message.
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
							// What is left of a frame that has been read in full is not state.
							fin: remaining > 0 && this.#fin,
							key: remaining > 0 ? this.#key : 0,
						},
		};
	}

	/** For a reader that has received nothing: goes on where the snapshot was taken. */
	restore({ unread, message }: FrameReaderState): void {
		// Copies: they are unmasked in place, and the state may be used again.
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

	/** Takes the chunk over. */
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

	/** Discards what is unread and what will come. RFC 6455 §1.4, §7.1.7. */
	end(): void {
		this.hasEnded = true;
		this.unread = 0;
		this.#waiting = null;
		this.cut = null;
	}

	/** Ends with a violation. Always false, for a check to return. */
	fail(kind: FailureKind): false {
		this.failure = frameFailure(kind);
		this.end();
		return false;
	}

	/** Goes on to the next piece, control frame or violation. */
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

	/** The last bytes of the latest piece, as many as `size`, are unread again, as if its chunk had been cut before them. */
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

	/** Goes on to the next chunk if this one has been read; for when there are unread bytes. */
	#turnChunk(): void {
		if (this.#position >= this.#chunk.length) this.#begin(this.#waiting!.shift()!);
	}

	/** PIECE: a data frame's header is read. CONTROL: a whole control frame is. NOTHING: bytes are missing. */
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
		// The same byte by byte, for a header or a control frame that lies in several chunks.
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
	 * Reads a header, and a control frame's payload, in `bytes[start, end)`. A rule is checked at the byte that completes what
	 * it is about: not before the second byte, so that no failure depends on how the stream was split.
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

	/** Changes nothing that a second check of the same bytes would see. */
	#checkStart(first: number, second: number): boolean {
		const opcode = first & 0x0f;
		const rsv = (first >> 4) & 0b111;
		const isControl = (opcode & CONTROL_BIT) !== 0;
		const fin = (first & FIN) !== 0;

		// §5.2: "MUST be 0 unless an extension is negotiated that defines meanings for non-zero values." The extensions
		// of this package define them for the first frame of a data message.
		const claimed = isControl || opcode === CONTINUATION ? 0 : this.#claimedRsv;
		if ((rsv & ~claimed) !== 0) return this.fail("reserved-bits");
		// §5.2: "If an unknown opcode is received, the receiving endpoint MUST _Fail the WebSocket Connection_."
		if (isControl ? opcode > PONG : opcode > BINARY) return this.fail("reserved-opcode");
		// §5.1: "The server MUST close the connection upon receiving a frame that is not masked." "A client MUST close a
		// connection if it detects a masked frame."
		if (((second & MASK) !== 0) !== this.#isMasked)
			return this.fail(this.#isMasked ? "unmasked-frame" : "masked-frame");
		if (isControl) {
			// §5.5: control frames "MUST have a payload length of 125 bytes or less and MUST NOT be fragmented."
			if (!fin) return this.fail("control-fragmented");
			if ((second & 0x7f) > MAX_CONTROL_PAYLOAD) return this.fail("control-too-long");
		} else if (opcode === CONTINUATION) {
			// §5.4: a fragmented message is a data frame with FIN clear and then continuation frames.
			if (this.isLast) return this.fail("continuation-unexpected");
		} else if (!this.isLast) {
			// §5.4: "The fragments of one message MUST NOT be interleaved between the fragments of another message
			// unless an extension has been negotiated that can interpret the interleaving."
			return this.fail("continuation-expected");
		}
		this.opcode = opcode;
		// A control frame between two fragments leaves the message as it is.
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

	/** The payload's length; false: it breaks a rule. `start` is where the header begins; its length field begins with `short`. */
	#readLength(header: Uint8Array, start: number, short: number): number | false {
		let length = short;
		if (short === 126) {
			length = (header[start + 2] << 8) | header[start + 3];
			// §5.2: "the minimal number of bytes MUST be used to encode the length"
			if (length <= 125) return this.fail("length-not-minimal");
		} else if (short === 127) {
			const high = readInt32(header, start + 2) >>> 0;
			length = high * 2 ** 32 + (readInt32(header, start + 6) >>> 0);
			if (length <= 0xffff) return this.fail("length-not-minimal");
			// §5.2: "the most significant bit MUST be 0"
			if (high >= 2 ** 31) return this.fail("length-top-bit");
		}
		return ((this.opcode & CONTROL_BIT) !== 0 || this.#checkLimits(length)) && length;
	}

	/** The limits hold before any of the payload is kept, and across fragments. RFC 6455 §10.4. */
	#checkLimits(length: number): boolean {
		const { maxFrameSize, maxFragments } = this.#limits;
		// Beyond 2^53 the sum of two lengths would no longer be exact, so such a frame is too big for any limit.
		if (length > maxFrameSize || length > Number.MAX_SAFE_INTEGER) return this.fail("frame-too-big");
		// A message that an extension transforms is as big as what comes out of it: MessageReader counts that.
		if (this.messageRsv === 0 && this.#messageSize + length > this.maxMessageSize) return this.fail("message-too-big");
		// Parts leave nothing behind, so their number bounds nothing.
		if (!this.parts && this.#fragments >= maxFragments) return this.fail("too-many-fragments");
		return true;
	}
}
