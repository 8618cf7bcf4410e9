import { ByteQueue } from "./byte-queue.ts";
import { copyBytes, NO_BYTES, readInt32 } from "./bytes.ts";
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
 * Walks over the frames in the received chunks. It hands out positions, not objects: after `advance` the payload lies
 * unmasked in `bytes[from, to)`, and nothing has been allocated unless a header or a control frame was cut by the end
 * of a chunk.
 *
 * It keeps the rules of single frames and of their order (§5); text, Close and extensions are the readers' business.
 */
export class FrameCursor {
	/** Where the latest piece or control payload lies. */
	bytes: Uint8Array = NO_BYTES;
	from = 0;
	to = 0;
	/** The opcode of the latest frame. */
	opcode = 0;
	/** Of the message that the latest piece belongs to: its first frame's opcode and claimed reserved bits. */
	messageOpcode = 0;
	messageRsv = 0;
	/** The latest piece is a whole message in itself. */
	isWhole = false;
	/** The latest piece ends its message. */
	isLast = false;
	failure: Failure | null = null;
	/** Whatever comes is discarded. */
	hasEnded = false;
	/** Bytes received and not yet parsed. */
	unread = 0;

	readonly #limits: FramingLimits;
	readonly #claimedRsv: number;
	readonly #maskBit: number;
	readonly #keySize: number;

	#chunk: Uint8Array = NO_BYTES;
	#position = 0;
	#waiting: ByteQueue | null = null;

	/** A header that the end of a chunk has cut. */
	#header: Uint8Array | null = null;
	#headerFill = 0;
	/** A control payload that the end of a chunk has cut. */
	#control: Uint8Array | null = null;

	#inPayload = false;
	#fin = false;
	#rsv = 0;
	#key = 0;
	#frameSize = 0;
	#remaining = 0;

	/** A message has begun and its final frame has not. */
	#isUnfinished = false;
	#messageSize = 0;
	#fragments = 0;

	constructor(role: Role, limits: FramingLimits, claimedRsv: number) {
		this.#limits = limits;
		this.#claimedRsv = claimedRsv;
		this.#maskBit = role === "server" ? MASK : 0;
		this.#keySize = role === "server" ? 4 : 0;
	}

	/** Takes the chunk over. */
	receive(chunk: Uint8Array): void {
		if (this.hasEnded || chunk.length === 0) return;
		if (this.unread === 0) {
			this.#chunk = chunk;
			this.#position = 0;
		} else {
			this.#waiting ??= new ByteQueue();
			this.#waiting.push(chunk);
		}
		this.unread += chunk.length;
	}

	/** Discards what is unread and whatever will come. RFC 6455 §1.4, §7.1.7. */
	end(): void {
		this.hasEnded = true;
		this.unread = 0;
		this.#waiting = null;
		this.#header = null;
		this.#control = null;
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
			this.#chunk = NO_BYTES;
			this.bytes = NO_BYTES;
			this.#waiting = null;
			this.#position = 0;
			return NOTHING;
		}
		if (!this.#inPayload) {
			if (!this.#readHeader()) return this.failure === null ? NOTHING : FAILED;
			this.#inPayload = true;
		}
		if (this.#remaining > 0 && this.unread === 0) return NOTHING;
		return (this.opcode & CONTROL_BIT) === 0 ? this.#readPiece() : this.#readControl();
	}

	#readPiece(): Signal {
		const size = this.#take();
		if (this.#keySize !== 0 && size > 0) {
			applyMask(this.bytes, this.from, this.to, this.#key);
			this.#key = rotateMaskingKey(this.#key, size);
		}
		this.#inPayload = this.#remaining > 0;
		this.isLast = this.#fin && !this.#inPayload;
		this.isWhole = this.isLast && size === this.#frameSize && this.#fragments === 1;
		return PIECE;
	}

	#readControl(): Signal {
		const size = this.#frameSize;
		// A payload that the end of a chunk cuts is collected; the mask is taken off at the end, when all of it is there.
		while (this.#take() < size) {
			this.#control ??= new Uint8Array(size);
			copyBytes(this.#control, size - this.#remaining - (this.to - this.from), this.bytes, this.from, this.to);
			if (this.#remaining === 0) {
				this.bytes = this.#control;
				this.from = 0;
				this.to = size;
				this.#control = null;
				break;
			}
			if (this.unread === 0) return NOTHING;
		}
		this.#inPayload = false;
		if (this.#keySize !== 0) applyMask(this.bytes, this.from, this.to, this.#key);
		return CONTROL;
	}

	/** Takes what the chunk has of the frame's payload: it lies in `bytes[from, to)`. Gives its size. */
	#take(): number {
		if (this.#remaining > 0) this.#turnChunk();
		const size = Math.min(this.#remaining, this.#chunk.length - this.#position);
		this.bytes = this.#chunk;
		this.from = this.#position;
		this.#position += size;
		this.to = this.#position;
		this.unread -= size;
		this.#remaining -= size;
		return size;
	}

	/** Goes on to the next chunk if this one has been read; for when there are unread bytes. */
	#turnChunk(): void {
		if (this.#position < this.#chunk.length) return;
		this.#chunk = this.#waiting!.shift()!;
		this.#position = 0;
	}

	/** True: the header is complete and sound. False: bytes are missing, or `failure` is set. */
	#readHeader(): boolean {
		this.#turnChunk();
		const chunk = this.#chunk;
		const position = this.#position;
		const available = chunk.length - position;
		if (this.#headerFill > 0 || available < 2) return this.#collectHeader();
		const lengthSize = lengthBytes(chunk[position + 1]);
		const size = 2 + lengthSize + this.#keySize;
		if (available < size) return this.#collectHeader();
		this.#position += size;
		this.unread -= size;
		if (!this.#checkStart(chunk[position], chunk[position + 1])) return false;
		if (!this.#checkLength(chunk, position, lengthSize)) return false;
		if (this.#keySize !== 0) this.#key = readInt32(chunk, position + 2 + lengthSize);
		return true;
	}

	/**
	 * The same byte by byte, for a header that lies in several chunks. A rule is checked at the byte that completes
	 * what it is about: not before the second byte, so that no failure depends on how the stream was split.
	 */
	#collectHeader(): boolean {
		this.#header ??= new Uint8Array(MAX_HEADER_SIZE);
		const header = this.#header;
		while (this.unread > 0) {
			this.#turnChunk();
			header[this.#headerFill++] = this.#chunk[this.#position++];
			this.unread--;
			const fill = this.#headerFill;
			if (fill < 2) continue;
			if (fill === 2 && !this.#checkStart(header[0], header[1])) return false;
			const lengthSize = lengthBytes(header[1]);
			if (fill === 2 + lengthSize && !this.#checkLength(header, 0, lengthSize)) return false;
			if (fill === 2 + lengthSize + this.#keySize) {
				if (this.#keySize !== 0) this.#key = readInt32(header, 2 + lengthSize);
				this.#header = null;
				this.#headerFill = 0;
				return true;
			}
		}
		return false;
	}

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
		if ((second & MASK) !== this.#maskBit) {
			return this.fail(this.#maskBit === 0 ? "masked-frame" : "unmasked-frame");
		}
		if (isControl) {
			// §5.5: control frames "MUST have a payload length of 125 bytes or less and MUST NOT be fragmented."
			if (!fin) return this.fail("control-fragmented");
			if ((second & 0x7f) > MAX_CONTROL_PAYLOAD) return this.fail("control-too-long");
		} else if (opcode === CONTINUATION) {
			// §5.4: a fragmented message is a data frame with FIN clear and then continuation frames.
			if (!this.#isUnfinished) return this.fail("continuation-unexpected");
		} else if (this.#isUnfinished) {
			// §5.4: "The fragments of one message MUST NOT be interleaved between the fragments of another message
			// unless an extension has been negotiated that can interpret the interleaving."
			return this.fail("continuation-expected");
		}
		this.opcode = opcode;
		this.#fin = fin;
		this.#rsv = rsv;
		return true;
	}

	/** `start` is where the header begins; its length field is complete. */
	#checkLength(header: Uint8Array, start: number, lengthSize: number): boolean {
		let length = header[start + 1] & 0x7f;
		if (lengthSize === 2) {
			length = (header[start + 2] << 8) | header[start + 3];
			// §5.2: "the minimal number of bytes MUST be used to encode the length"
			if (length <= 125) return this.fail("length-not-minimal");
		} else if (lengthSize === 8) {
			const high = readInt32(header, start + 2) >>> 0;
			const low = readInt32(header, start + 6) >>> 0;
			if (high === 0 && low <= 0xffff) return this.fail("length-not-minimal");
			// §5.2: "the most significant bit MUST be 0"
			if (high >= 2 ** 31) return this.fail("length-top-bit");
			length = high * 2 ** 32 + low;
		}
		this.#frameSize = length;
		this.#remaining = length;
		return (this.opcode & CONTROL_BIT) !== 0 || this.#countDataFrame(length);
	}

	/** The limits hold before any of the payload is kept, and across fragments. RFC 6455 §10.4. */
	#countDataFrame(length: number): boolean {
		const limits = this.#limits;
		// Beyond 2^53 the sum of two lengths would no longer be exact, so such a frame is too big for any limit.
		if (length > limits.maxFrameSize || length > Number.MAX_SAFE_INTEGER) return this.fail("frame-too-big");
		if (this.opcode !== CONTINUATION) {
			this.messageOpcode = this.opcode;
			this.messageRsv = this.#rsv;
			this.#messageSize = 0;
			this.#fragments = 0;
		}
		this.#messageSize += length;
		this.#fragments++;
		// A message that an extension transforms is as big as what comes out of it: IncomingMessage counts that.
		if (this.messageRsv === 0 && this.#messageSize > limits.maxMessageSize) return this.fail("message-too-big");
		if (this.#fragments > limits.maxFragments) return this.fail("too-many-fragments");
		this.#isUnfinished = !this.#fin;
		return true;
	}
}

/** Bytes of the extended payload length. §5.2. */
function lengthBytes(second: number): number {
	const length = second & 0x7f;
	return length < 126 ? 0 : length === 126 ? 2 : 8;
}
