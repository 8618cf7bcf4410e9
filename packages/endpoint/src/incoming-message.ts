import { UsageError } from "@barewire/errors";
import { LONGEST_TEXT, type MessageKind } from "@barewire/framing";
import type { Turn } from "./turn.ts";

/** What a part costs besides its bytes: a view and a buffer. */
const PART_OVERHEAD = 128;

/** What an incoming message asks of the session that it comes from. */
export interface IncomingSource {
	/** The most bytes that `text()` and `bytes()` put together. */
	readonly maxMessageSize: number;
	/** Asks for the next part. */
	wantPart(): void;
	/** Parts that are there already are not all read in one turn. */
	readonly turn: Turn;
	/** So many bytes more are held for the application; fewer, when negative. */
	holds(bytes: number): void;
	/** The text of a part, which is valid UTF-8. */
	decode(bytes: Uint8Array): string;
	/** The message is larger than `maxMessageSize` and was to be put together: the connection fails. Gives the error. */
	tooBig(): Error;
	/** Nothing more is wanted of the message, or all of it has been read. */
	finished(): void;
}

/**
 * A message that is received in parts: with the option `receive: "parts"`. Read it once, in one of four ways: `for await`,
 * `text()`, `bytes()` or `readable`. Up to 16 KiB are read ahead; a part that
 * is not asked for then slows the peer down.
 *
 * What is not read is discarded: the rest of the message when you leave the loop or cancel `readable`, all of it when your
 * `message` handler has returned and nothing has begun to read. Reading rejects with a `SocketClosedError` when the connection ends
 * before the message does.
 */
export type IncomingMessage = IncomingText | IncomingBinary;

/** What texts and binary messages have in common. The loop gives the parts: none is empty, and none of a text cuts a character. */
interface Incoming<Part> extends AsyncIterable<Part> {
	/**
	 * The whole message, a text. Above `limits.maxMessageSize` the connection fails with 1009.
	 * Rejects with a `UsageError` (ERR_MESSAGE_KIND) when it is binary.
	 */
	text(): Promise<string>;
	/** The whole message in bytes; those of a text are UTF-8. Above `limits.maxMessageSize` the connection fails with 1009. */
	bytes(): Promise<Uint8Array<ArrayBuffer>>;
	/** The message as a stream of bytes; those of a text are UTF-8. Cancelling it discards the rest. */
	readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
}

/** A text in parts: strings. */
export interface IncomingText extends Incoming<string> {
	/** Known before any of the message is read. */
	readonly kind: "text";
}

/** A binary message in parts: bytes. */
export interface IncomingBinary extends Incoming<Uint8Array<ArrayBuffer>> {
	/** Known before any of the message is read. */
	readonly kind: "binary";
}

/** An {@link IncomingMessage} between the session that fills it and the application that reads it. */
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

	// ── For the session ────────────────────────────────────────────────────────────────────────────────────────

	/** Whether the application waits for another part, or wants none of the rest. */
	get wantsPart(): boolean {
		return (this.#isDiscarded && !this.#isComplete) || this.#waiter !== null;
	}

	/** Whether the next message may come: all of this one is read, or the rest is not wanted. */
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

	/** The handler has returned, or the loop goes on: a message that was not begun to be read is discarded. */
	discardUnread(): void {
		if (!this.#isRead) this.discard();
	}

	/** The rest is not wanted. */
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

	/** The next part, for who works on each by itself: those that are there could be had all in one turn. */
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

	/** The next of the parts that wait, if there is one. */
	#taken(): Uint8Array | null {
		const part = this.#parts.shift() ?? null;
		if (part !== null) this.#source.holds(-part.length - PART_OVERHEAD);
		return part;
	}

	/** `most`: bytes that it may have, as far as the limit allows more. */
	async #whole(most: number): Promise<Uint8Array<ArrayBuffer>> {
		this.#begin();
		const limit = Math.min(most, this.#source.maxMessageSize);
		// Parts that are kept would each keep the chunk in which they came, and may be of a single byte.
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

/** The view is never over shared memory: its type just cannot say so. */
function own(part: Uint8Array): Uint8Array<ArrayBuffer> {
	return part as Uint8Array<ArrayBuffer>;
}
