import { type DirectionAgreement, windowSize } from "./agreement.ts";
import { LatestBytes } from "./latest-bytes.ts";

/** So many compressed bytes of a message under way are held, and no more. */
export const MAX_COMPRESSED: number = 64 * 1024;

/** What has come of a message that is under way. */
class MessageCopy {
	/** null: there were more than are held. */
	compressed: LatestBytes | null = new LatestBytes(MAX_COMPRESSED);
	/** How many bytes it gave. */
	given: number = 0;
	/** The latest of them, which become a part of the window. */
	readonly output: LatestBytes;

	constructor(windowSize: number) {
		this.output = new LatestBytes(windowSize);
	}
}

// RFC 7692 §7.2.2: an endpoint "MUST decompress each new message using the LZ77 sliding window used to process the last
// compressed message".
/**
 * What another decompressor has to be given to be where this connection's own is, which does not tell: its window when the
 * message under way began, and the compressed bytes since then.
 */
export class IncomingCopy {
	readonly #windowSize: number;
	readonly #window: LatestBytes;
	#message: MessageCopy | null = null;

	constructor(peer: DirectionAgreement) {
		this.#windowSize = windowSize(peer);
		this.#window = new LatestBytes(this.#windowSize);
	}

	/** Bytes of memory that it takes. */
	get held(): number {
		const message = this.#message;
		return this.#window.size + (message === null ? 0 : message.output.size + (message.compressed?.size ?? 0));
	}

	/** A piece of a message that goes on, and what it gave. Both are copied. */
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
	 * A message's last piece gave this. Of a message of one piece nothing else is copied.
	 *
	 * @param reach How many bytes what comes next can refer back. RFC 7692 §7.2.3.4 allows blocks with BFINAL: behind one the
	 * window is empty.
	 */
	end(output: Uint8Array, reach: number): void {
		if (this.#message !== null) this.#window.append(this.#message.output.copy());
		this.#message = null;
		this.#window.append(output);
		this.#window.keep(reach);
	}

	/** The latest bytes of all messages before the one under way, as many as the agreed window has. */
	window(): Uint8Array {
		return this.#window.copy();
	}

	/** null: there were more than are held. */
	compressed(): Uint8Array | null {
		if (this.#message === null) return new Uint8Array(0);
		return this.#message.compressed?.copy() ?? null;
	}

	get given(): number {
		return this.#message?.given ?? 0;
	}
}
