import { controlEvent, failedEvent, latestFailure } from "./control-event.ts";
import type { MessageEvent, Role } from "./event.ts";
import { claimedBits } from "./extension.ts";
import { CONTROL, FAILED, FrameCursor, NOTHING } from "./frame-cursor.ts";
import { IncomingMessage } from "./incoming-message.ts";
import { completeLimits } from "./limits.ts";
import { MessageAssembly } from "./message-assembly.ts";
import { TEXT } from "./opcode.ts";
import type { ReaderOptions } from "./reader-options.ts";
import { decodeWith } from "./text-decoding.ts";

/**
 * Bytes in, whole messages out. A message that lies in one chunk is a view of it or decoded from it; others are
 * held until they end.
 */
export class MessageReader {
	readonly #cursor: FrameCursor;
	readonly #message: IncomingMessage;
	readonly #decodeText: ((bytes: Uint8Array) => string | null) | null;
	#assembly: MessageAssembly | null = null;
	/** The latest chunk that an event is a view of. */
	#lent: ArrayBufferLike | null = null;

	/** @throws UsageError `ERR_INVALID_LIMIT`, `ERR_INVALID_RSV`, `ERR_RSV_CONFLICT` */
	constructor(role: Role, options: ReaderOptions = {}) {
		const limits = completeLimits(options.limits ?? {});
		const extensions = options.extensions ?? [];
		this.#cursor = new FrameCursor(role, limits, claimedBits(extensions));
		this.#message = new IncomingMessage(extensions, limits.maxMessageSize);
		this.#decodeText = options.decodeText ?? null;
	}

	/** Bytes received and not yet parsed. */
	get unread(): number {
		return this.#cursor.unread;
	}

	/** Bytes held for an unfinished message. */
	get held(): number {
		return this.#assembly === null ? 0 : this.#assembly.size;
	}

	/**
	 * Takes the chunk over: it is unmasked in place, a binary message that lies whole in it is a view of it, and a buffer
	 * that is all this chunk is freed (detached) when no message is a view of it.
	 */
	receive(chunk: Uint8Array): void {
		this.#cursor.receive(chunk);
	}

	/** The next event; null: more bytes are needed, or the reader has given out `close` or `failed`. */
	next(): MessageEvent | null {
		const cursor = this.#cursor;
		for (;;) {
			const signal = cursor.advance();
			if (signal === NOTHING) {
				// All chunks are read, and none may be kept alive by an idle connection.
				this.#lent = null;
				// An unfinished message is given up with the connection.
				if (cursor.hasEnded) this.#assembly = null;
				return null;
			}
			if (signal === FAILED) return latestFailure(cursor);
			if (signal === CONTROL) return controlEvent(cursor, this.#decodeText);
			const event = this.#takePiece();
			if (event !== null) return event;
		}
	}

	/** Takes the cursor's latest piece, and gives the message that it ends or the rule that it breaks. */
	#takePiece(): MessageEvent | null {
		const cursor = this.#cursor;
		const chunk = cursor.bytes.buffer;
		// What an extension makes of a text is validated when all of it is there: which of two broken rules is found first must
		// not depend on how the stream was cut.
		const failure = this.#message.take(cursor, !cursor.isWhole && cursor.messageRsv === 0);
		if (failure !== null) return failedEvent(cursor, failure);
		let { bytes, from, to } = cursor;
		// Empty fragments leave no trace: if all others are empty, the message is a view of the chunk all the same.
		if (!cursor.isLast && from === to) return null;
		if (this.#assembly !== null || !cursor.isLast) {
			this.#assembly ??= new MessageAssembly();
			this.#assembly.add(bytes, from, to, this.#lent);
			if (!cursor.isLast) return null;
			bytes = this.#assembly.join();
			from = 0;
			to = bytes.length;
			this.#assembly = null;
		}
		if (cursor.messageOpcode !== TEXT) {
			// A message in memory of its own does not take the place of an earlier one that is a view of this chunk.
			if (bytes.buffer === chunk) this.#lent = chunk;
			return { type: "binary", bytes: bytes.subarray(from, to) };
		}
		const text = decodeWith(this.#decodeText, bytes, from, to);
		return text === null ? failedEvent(cursor, "invalid-utf8") : { type: "text", text };
	}
}
