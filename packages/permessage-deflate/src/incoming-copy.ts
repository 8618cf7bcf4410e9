import { type DirectionAgreement, windowSize } from "./agreement.ts";
import { LatestBytes } from "./latest-bytes.ts";

/** The maximum number of compressed bytes that are kept of the current message. */
export const MAX_COMPRESSED: number = 64 * 1024;

/** The received part of the current message. */
class MessageCopy {
	/** null: there were more bytes than are kept. */
	compressed: LatestBytes | null = new LatestBytes(MAX_COMPRESSED);
	/** The number of decompressed bytes. */
	given: number = 0;
	/** The latest decompressed bytes, which become a part of the window. */
	readonly output: LatestBytes;

	constructor(windowSize: number) {
		this.output = new LatestBytes(windowSize);
	}
}

// RFC 7692 §7.2.2: an endpoint "MUST decompress each new message using the LZ77 sliding window used to process the last
// compressed message".
/**
 * The data that brings another decompressor to the state of this connection's decompressor, because that state can't be read
 * directly: the window at the start of the current message, and the compressed bytes since then.
 */
export class IncomingCopy {
	readonly #windowSize: number;
	readonly #window: LatestBytes;
	#message: MessageCopy | null = null;

	constructor(peer: DirectionAgreement) {
		this.#windowSize = windowSize(peer);
		this.#window = new LatestBytes(this.#windowSize);
	}

	/** Memory in bytes. */
	get held(): number {
		const message = this.#message;
		return this.#window.size + (message === null ? 0 : message.output.size + (message.compressed?.size ?? 0));
	}

	/** Adds a piece of an unfinished message, and its decompressed bytes. Both are copied. */
	add(piece: Uint8Array, output: Uint8Array): void {
		this.#message ??= new MessageCopy(this.#windowSize);
		const message = this.#message;
		if (message.compressed !== null && message.compressed.size + piece.length > MAX_COMPRESSED)
			message.compressed = null;
		message.compressed?.append(piece);
		message.given += output.length;
		message.output.append(output);
	}

	/**
	 * Adds the decompressed bytes of a message's last piece. For a message of one piece, nothing else is copied.
	 *
	 * @param reach The number of bytes that the next data can refer back. RFC 7692 §7.2.3.4 allows blocks with BFINAL: after such a
	 * block the window is empty.
	 */
	end(output: Uint8Array, reach: number): void {
		if (this.#message !== null) this.#window.append(this.#message.output.copy());
		this.#message = null;
		this.#window.append(output);
		this.#window.keep(reach);
	}

	/** The latest bytes of all messages before the current one, up to the size of the agreed window. */
	window(): Uint8Array {
		return this.#window.copy();
	}

	/** null: there were more bytes than are kept. */
	compressed(): Uint8Array | null {
		if (this.#message === null) return new Uint8Array(0);
		return this.#message.compressed?.copy() ?? null;
	}

	get given(): number {
		return this.#message?.given ?? 0;
	}
}
