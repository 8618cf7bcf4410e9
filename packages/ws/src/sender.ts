import { encodeMessage, FrameWriter, RSV1 } from "@barewire/framing";
import { bufferOf, bytesOf } from "./data.ts";
import type { Sent } from "./session.ts";

/** How `Sender.frame` makes a frame. */
export interface FrameOptions {
	readonly opcode: number;
	readonly fin?: boolean | undefined;
	readonly rsv1?: boolean | undefined;
	readonly mask?: boolean | undefined;
	readonly maskBuffer?: Uint8Array | undefined;
	readonly generateMask?: ((mask: Uint8Array) => void) | undefined;
	/** Of no use here: the payload is never written to. */
	readonly readOnly?: boolean | undefined;
}

const FIN = 0x80;

/** What stands at `_sender` of a socket: frames that were made by `Sender.frame` for several sockets leave by it. */
export class Sender {
	readonly #send: (frames: readonly Uint8Array[], sent: Sent | undefined) => void;

	constructor(send: (frames: readonly Uint8Array[], sent: Sent | undefined) => void) {
		this.#send = send;
	}

	/** Sends a list of pieces that are whole frames. */
	sendFrame(list: readonly Uint8Array[], callback?: Sent): void {
		this.#send(list, callback);
	}

	/** One frame, as a list of the pieces that it consists of. */
	static frame(data: unknown, options: FrameOptions): Buffer[] {
		const { opcode, fin = false, rsv1 = false, mask = false } = options;
		const payload = bytesOf(data);
		const frame = mask ? maskedFrame(payload, options) : encodeMessage(payload);
		// Frames of all kinds differ in the first byte alone (RFC 6455 §5.2).
		frame[0] = (fin ? FIN : 0) | ((rsv1 ? RSV1 : 0) << 4) | opcode;
		return [bufferOf(frame)];
	}
}

function maskedFrame(payload: Uint8Array, { maskBuffer, generateMask }: FrameOptions): Uint8Array {
	const writer = new FrameWriter("client", {
		random(key) {
			if (generateMask !== undefined) generateMask(key);
			else if (maskBuffer !== undefined) key.set(maskBuffer.subarray(0, 4));
			else crypto.getRandomValues(key as Uint8Array<ArrayBuffer>);
		},
	});
	writer.message("binary", payload);
	// A client's frame is one piece, as its payload is copied to be masked. The piece may lie in memory that others share.
	return Uint8Array.from(writer.next() as Uint8Array);
}
