import { controlEvent, failedEvent, latestFailure } from "./control-event.ts";
import type { ChunkEvent, Role } from "./event.ts";
import { claimedBits } from "./extension.ts";
import { CONTROL, FAILED, FrameCursor, NOTHING } from "./frame-cursor.ts";
import { IncomingMessage } from "./incoming-message.ts";
import { completeLimits } from "./limits.ts";
import { TEXT } from "./opcode.ts";
import type { ReaderOptions } from "./reader-options.ts";

/**
 * Bytes in, pieces of messages out as they arrive: nothing of a data message is held, however large it is.
 * Text is validated as it passes.
 */
export class ChunkReader {
	readonly #cursor: FrameCursor;
	readonly #message: IncomingMessage;
	readonly #decodeText: ((bytes: Uint8Array) => string | null) | null;
	/** A piece of the message at hand has been given out. */
	#hasBegun = false;

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

	/** Takes the chunk over: it is unmasked in place, and events are views of it. */
	receive(chunk: Uint8Array): void {
		this.#cursor.receive(chunk);
	}

	/** The next event; null: more bytes are needed, or the reader has given out `close` or `failed`. */
	next(): ChunkEvent | null {
		const cursor = this.#cursor;
		for (;;) {
			const signal = cursor.advance();
			if (signal === NOTHING) return null;
			if (signal === FAILED) return latestFailure(cursor);
			if (signal === CONTROL) return controlEvent(cursor, this.#decodeText);
			const failure = this.#message.take(cursor, true);
			if (failure !== null) return failedEvent(cursor, failure);
			const { bytes, from, to, isLast: last } = cursor;
			if (!last && from === to) continue;
			const first = !this.#hasBegun;
			this.#hasBegun = !last;
			const kind = cursor.messageOpcode === TEXT ? "text" : "binary";
			return { type: "chunk", kind, bytes: bytes.subarray(from, to), first, last };
		}
	}
}
