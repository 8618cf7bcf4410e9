/** A data message as it crossed the wire. */
export interface WireMessage {
	readonly kind: "text" | "binary";
	/** RFC 7692 §6: "the "Per-Message Compressed" bit", of its first frame. */
	readonly rsv1: boolean;
	readonly frames: number;
	/** Of payload, in all of its frames. */
	readonly bytes: number;
}

/** The header of a frame (RFC 6455 §5.2) that is all there: where its payload begins, and how long that is. */
interface Header {
	readonly fin: boolean;
	readonly rsv: number;
	readonly opcode: number;
	readonly size: number;
	readonly length: number;
}

const RSV1 = 0b100;
const [CONTINUATION, TEXT, CLOSE] = [0x0, 0x1, 0x8];

/**
 * What one end sends behind its opening handshake, read by nobody's rules but the RFC's: the packages under test have no part
 * in it.
 */
export class WireMessages {
	readonly messages: WireMessage[] = [];
	/** Bits where they may not be. */
	readonly failures: string[] = [];
	private pending: Buffer = Buffer.alloc(0);
	/** Bytes of payload that are still to come. */
	private payload: number = 0;
	private message: { kind: "text" | "binary"; rsv1: boolean; frames: number; bytes: number } | null = null;

	read(chunk: Buffer): void {
		let rest = this.pending.length === 0 ? chunk : Buffer.concat([this.pending, chunk]);
		for (;;) {
			const passed = Math.min(this.payload, rest.length);
			this.payload -= passed;
			rest = rest.subarray(passed);
			const header = headerOf(rest);
			if (header === null) break;
			this.begin(header);
			this.payload = header.length;
			rest = rest.subarray(header.size);
		}
		this.pending = rest;
	}

	private begin({ fin, rsv, opcode, length }: Header): void {
		// RFC 7692 §6: no frame but a message's first has the bit; RFC 6455 §5.2 leaves RSV2 and RSV3 to nobody.
		const mayHave = opcode !== CONTINUATION && opcode < CLOSE ? RSV1 : 0;
		if ((rsv & ~mayHave) !== 0) this.failures.push(`RSV bits ${rsv.toString(2)} with opcode ${opcode}`);
		if (opcode >= CLOSE) return;
		const isFirst = opcode !== CONTINUATION;
		const kind = opcode === TEXT ? "text" : "binary";
		const message = isFirst ? ({ kind, rsv1: rsv === RSV1, frames: 0, bytes: 0 } as const) : this.message;
		if (message === null) {
			this.failures.push("a continuation of nothing");
			return;
		}
		this.message = { ...message, frames: message.frames + 1, bytes: message.bytes + length };
		if (!fin) return;
		this.messages.push(this.message);
		this.message = null;
	}
}

function headerOf(bytes: Buffer): Header | null {
	if (bytes.length < 2) return null;
	const [first, second] = [bytes.readUInt8(0), bytes.readUInt8(1)];
	const short = second & 0x7f;
	const lengthSize = short === 127 ? 8 : short === 126 ? 2 : 0;
	const size = 2 + lengthSize + (second & 0x80 ? 4 : 0);
	if (bytes.length < size) return null;
	const length = lengthSize === 8 ? Number(bytes.readBigUInt64BE(2)) : lengthSize === 2 ? bytes.readUInt16BE(2) : short;
	return { fin: (first & 0x80) !== 0, rsv: (first >> 4) & 0x7, opcode: first & 0xf, size, length };
}
