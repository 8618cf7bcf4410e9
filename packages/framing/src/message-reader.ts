import { controlEvent, failedEvent, latestFailure } from "./control-event.ts";
import type { MessageEvent, Role } from "./event.ts";
import { claimedBits } from "./extension.ts";
import { CONTROL, FAILED, FrameCursor, NOTHING } from "./frame-cursor.ts";
import { IncomingMessage } from "./incoming-message.ts";
import { completeLimits } from "./limits.ts";
import { MessageAssembly } from "./message-assembly.ts";
import { TEXT } from "./opcode.ts";
import type { ReaderOptions } from "./reader-options.ts";
import { decodeUtf8 } from "./text-decoding.ts";

/**
 * Octets in, whole messages out. A message that lies in one chunk is a view of it or decoded from it; others are
 * held until they end.
 */
export class MessageReader {
	private readonly cursor: FrameCursor;
	private readonly message: IncomingMessage;
	private readonly isTransformed: boolean;
	private readonly decodeText: ((bytes: Uint8Array) => string | null) | null;
	private assembly: MessageAssembly | null = null;

	/** @throws UsageError `ERR_INVALID_LIMIT`, `ERR_INVALID_RSV`, `ERR_RSV_CONFLICT` */
	constructor(role: Role, options: ReaderOptions = {}) {
		const limits = completeLimits(options.limits ?? {});
		const extensions = options.extensions ?? [];
		this.cursor = new FrameCursor(role, limits, claimedBits(extensions));
		this.message = new IncomingMessage(extensions, limits.maxMessageSize);
		this.isTransformed = extensions.length > 0;
		this.decodeText = options.decodeText ?? null;
	}

	/** Octets received and not yet parsed. */
	get unread(): number {
		return this.cursor.unread;
	}

	/** Octets held for an unfinished message. */
	get held(): number {
		return this.assembly === null ? 0 : this.assembly.size;
	}

	/** Takes the chunk over: it is unmasked in place, and a binary message that lies whole in it is a view of it. */
	receive(chunk: Uint8Array): void {
		this.cursor.receive(chunk);
	}

	/** The next event; null: more octets are needed, or the reader has given out `close` or `failed`. */
	next(): MessageEvent | null {
		const { cursor } = this;
		for (;;) {
			const signal = cursor.advance();
			if (signal === NOTHING) return null;
			if (signal === FAILED) return this.ended(latestFailure(cursor));
			if (signal === CONTROL) return this.ended(controlEvent(cursor, this.decodeText));
			if (cursor.isWhole && !this.isTransformed) return this.messageEvent(cursor.bytes, cursor.from, cursor.to);
			const event = this.takePiece();
			if (event !== null) return event;
		}
	}

	/** Takes the cursor's latest piece, and gives the message that it ends or the rule that it breaks. */
	private takePiece(): MessageEvent | null {
		const { cursor, message } = this;
		const kind = message.take(cursor, !cursor.isWhole);
		const { bytes, from, to } = message;
		message.release();
		if (kind !== null) return this.ended(failedEvent(cursor, kind));
		// The other fragments may have been empty: then the message is a view all the same.
		if (cursor.isLast && this.assembly === null) return this.messageEvent(bytes, from, to);
		if (from < to) {
			this.assembly ??= new MessageAssembly();
			this.assembly.add(bytes, from, to);
		}
		if (!cursor.isLast || this.assembly === null) return null;
		const whole = this.assembly.join();
		this.assembly = null;
		return this.messageEvent(whole, 0, whole.length);
	}

	private messageEvent(bytes: Uint8Array, from: number, to: number): MessageEvent {
		if (this.cursor.messageOpcode !== TEXT) return { type: "binary", bytes: bytes.subarray(from, to) };
		const text = this.decodeText === null ? decodeUtf8(bytes, from, to) : this.decodeText(bytes.subarray(from, to));
		return text === null ? this.ended(failedEvent(this.cursor, "invalid-utf8")) : { type: "text", text };
	}

	/** An unfinished message is given up with the connection. */
	private ended(event: MessageEvent): MessageEvent {
		if (event.type === "close" || event.type === "failed") this.assembly = null;
		return event;
	}
}
