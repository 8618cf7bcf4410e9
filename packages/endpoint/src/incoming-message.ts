import { UsageError } from "@barewire/errors";
import { LONGEST_TEXT, type MessageKind } from "@barewire/framing";
import type { Turn } from "./turn.ts";

/** The memory that a part needs besides its bytes: for a view and a buffer. */
const PART_OVERHEAD = 128;

/** What an incoming message needs from its session. */
export interface IncomingSource {
	/** The limit in bytes for `text()` and `bytes()`, which assemble the message. */
	readonly maxMessageSize: number;
	/** Asks for the next part. */
	wantPart(): void;
	/** Limits how many buffered parts are read in one turn. */
	readonly turn: Turn;
	/** This many more bytes are held for the application; fewer, if negative. */
	holds(bytes: number): void;
	/** Decodes a part, which is valid UTF-8. */
	decode(bytes: Uint8Array): string;
	/** The assembled message would be larger than `maxMessageSize`: fails the connection. Returns the error. */
	tooBig(): Error;
	/** The rest of the message is not wanted, or all of it has been read. */
	finished(): void;
}

/**
 * A message that is received in parts, with the option `receive: "parts"`. Read it once, in one of four ways: `for await`,
 * `text()`, `bytes()` or `readable`. Up to 16 KiB are read ahead; after that, the peer is slowed down until you read.
 *
 * Unread parts are discarded: the rest of the message when you leave the loop or cancel `readable`; the whole message when
 * your `message` handler has returned and reading has not begun. Reading rejects with a `SocketClosedError` when the
 * connection ends before the message does.
 */
export type IncomingMessage = IncomingText | IncomingBinary;

/**
 * The common members of text and binary messages. The loop yields the parts. No part is empty, and no part of a text splits
 * a character.
 */
interface Incoming<Part> extends AsyncIterable<Part> {
	/**
	 * The whole text message. Above `limits.maxMessageSize` the connection fails with 1009. Rejects with a `UsageError`
	 * (ERR_MESSAGE_KIND) if the message is binary.
	 */
	text(): Promise<string>;
	/** The whole message in bytes; a text is in UTF-8. Above `limits.maxMessageSize` the connection fails with 1009. */
	bytes(): Promise<Uint8Array<ArrayBuffer>>;
	/** The message as a stream of bytes; a text is in UTF-8. Cancelling it discards the rest. */
	readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
}

/** A text message in parts: strings. */
export interface IncomingText extends Incoming<string> {
	/** Known before any of the message is read. */
	readonly kind: "text";
}

/** A binary message in parts: bytes. */
export interface IncomingBinary extends Incoming<Uint8Array<ArrayBuffer>> {
	/** Known before any of the message is read. */
	readonly kind: "binary";
}

/** The implementation of {@link IncomingMessage}: the session adds parts, and the application reads them. */
export class IncomingParts implements AsyncIterable<string | Uint8Array<ArrayBuffer>> {
	readonly kind: MessageKind;
	readonly #source: IncomingSource;
	/** Parts that wait to be read. */
	#parts: Uint8Array[] = [];
	#isComplete: boolean = false;
	#isRead: boolean = false;
	#isDiscarded: boolean = false;
	#isFinished: boolean = false;
	#error: Error | null = null;
	#waiter: { resolve(part: Uint8Array | null): void; reject(error: Error): void } | null = null;

	constructor(kind: MessageKind, source: IncomingSource) {
		this.kind = kind;
		this.#source = source;
	}

	async *[Symbol.asyncIterator](): AsyncGenerator<string | Uint8Array<ArrayBuffer>, void, undefined> {
		this.#begin();
		try {
			for (let part = await this.#nextInTurn(); part !== null; part = await this.#nextInTurn())
				yield this.kind === "text" ? this.#source.decode(part) : own(part);
		} finally {
			this.discard();
		}
	}

	async text(): Promise<string> {
		if (this.kind !== "text")
			throw new UsageError(
				"ERR_MESSAGE_KIND",
				"this message is binary, not a text: use bytes(), or look at `kind` first",
			);
		return this.#source.decode(await this.#whole(LONGEST_TEXT));
	}

	async bytes(): Promise<Uint8Array<ArrayBuffer>> {
		return this.#whole(Number.POSITIVE_INFINITY);
	}

	get readable(): ReadableStream<Uint8Array<ArrayBuffer>> {
		this.#begin();
		return new ReadableStream<Uint8Array<ArrayBuffer>>(
			{
				pull: async (controller) => {
					const part = await this.#nextInTurn();
					if (part === null) controller.close();
					else controller.enqueue(own(part));
				},
				cancel: () => this.discard(),
			},
			{ highWaterMark: 0 },
		);
	}

	// ── Calls from the session ─────────────────────────────────────────────────────────────────────────────────

	/** Whether the application waits for another part, or the rest is to be discarded. */
	get wantsPart(): boolean {
		return (this.#isDiscarded && !this.#isComplete) || this.#waiter !== null;
	}

	/** Whether the next message may come: this one is read completely, or its rest is not wanted. */
	get isFinished(): boolean {
		return this.#isFinished;
	}

	push(part: Uint8Array, last: boolean): void {
		if (this.#isComplete) return;
		this.#isComplete = last;
		if (part.length > 0 && !this.#isDiscarded) {
			this.#parts.push(part);
			this.#source.holds(part.length + PART_OVERHEAD);
		}
		const waiter = this.#waiter;
		if (waiter !== null && (this.#parts.length > 0 || last)) {
			this.#waiter = null;
			waiter.resolve(this.#taken());
		}
		this.#finishIfDone();
	}

	/** The connection has ended, or the rest will not come. */
	cut(error: Error): void {
		if (this.#isComplete) return;
		this.#isComplete = true;
		this.#error = error;
		this.#waiter?.reject(error);
		this.#waiter = null;
		this.#finishIfDone();
	}

	/** The handler has returned, or the loop continues: discards the message if reading it has not begun. */
	discardUnread(): void {
		if (!this.#isRead) this.discard();
	}

	/** Discards the rest. */
	discard(): void {
		if (this.#isDiscarded) return;
		this.#isDiscarded = true;
		while (this.#taken() !== null);
		this.#finishIfDone();
		if (!this.#isComplete) this.#source.wantPart();
	}

	#begin(): void {
		if (this.#isRead)
			throw new UsageError(
				"ERR_MESSAGE_READ",
				"this message is being read already: a message can be read once, in one way; keep what text() or bytes() gave",
			);
		if (this.#isDiscarded && this.#error === null)
			throw new UsageError(
				"ERR_MESSAGE_DISCARDED",
				"this message was discarded, because its `message` handler returned before it was read: read it there, and return a promise",
			);
		this.#isRead = true;
	}

	/** The next part, for code that handles each part by itself. Otherwise all buffered parts could be read in one turn. */
	#nextInTurn(): Promise<Uint8Array | null> {
		const { turn } = this.#source;
		const isOver = turn.spendOne();
		return isOver && this.#parts.length > 0 ? turn.later().then(() => this.#next()) : this.#next();
	}

	/** The next part; null: the message is complete. */
	#next(): Promise<Uint8Array | null> {
		const part = this.#taken();
		if (part !== null) {
			this.#finishIfDone();
			if (!this.#isComplete) this.#source.wantPart();
			return Promise.resolve(part);
		}
		if (this.#error !== null) return Promise.reject(this.#error);
		if (this.#isComplete || this.#isDiscarded) return Promise.resolve(null);
		return new Promise((resolve, reject) => {
			this.#waiter = { resolve, reject };
			this.#source.wantPart();
		});
	}

	/** Removes and returns the first waiting part; null: there is none. */
	#taken(): Uint8Array | null {
		const part = this.#parts.shift() ?? null;
		if (part !== null) this.#source.holds(-part.length - PART_OVERHEAD);
		return part;
	}

	/** `most`: a limit in bytes that applies besides `maxMessageSize`. */
	async #whole(most: number): Promise<Uint8Array<ArrayBuffer>> {
		this.#begin();
		const limit = Math.min(most, this.#source.maxMessageSize);
		// Parts are copied into one buffer. Each kept part would keep the chunk in which it came, and a part may be a single byte.
		let whole = new Uint8Array(0);
		let size = 0;
		for (let part = await this.#next(); part !== null; part = await this.#next()) {
			const end = size + part.length;
			if (end > limit) {
				this.discard();
				throw this.#source.tooBig();
			}
			if (end > whole.length) {
				const larger = new Uint8Array(Math.max(end, size * 2));
				larger.set(whole);
				whole = larger;
			}
			whole.set(part, size);
			size = end;
		}
		return size === whole.length ? whole : whole.slice(0, size);
	}

	#finishIfDone(): void {
		if (this.#isFinished || !this.#isComplete || this.#parts.length > 0) return;
		this.#isFinished = true;
		this.#source.finished();
	}
}

/** The cast is safe: the view is never over shared memory. Its type can't express that. */
function own(part: Uint8Array): Uint8Array<ArrayBuffer> {
	return part as Uint8Array<ArrayBuffer>;
}
