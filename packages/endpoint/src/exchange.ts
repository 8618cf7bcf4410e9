import type { Http1Server, RequestReceived } from "@barewire/connection";
import { requireAttached } from "@barewire/framing";
import { Abortion } from "./abortion.ts";
import { type BodyStart, LARGEST_COPY, readStart } from "./body-start.ts";
import type { RefusalReason } from "./observe.ts";
import { shown } from "./options.ts";
import { outgoingResponse, whyUnsendable } from "./outgoing-response.ts";
import { plainResponse } from "./plain-response.ts";
import type { Platform } from "./platform.ts";
import { makeRequest, requestMaker } from "./request.ts";
import type { Turn } from "./turn.ts";

/** What an exchange needs from its session. */
export interface ExchangeOwner {
	readonly secure: boolean;
	/** Asks for the next event of the exchange's request body, if it is still the one under way. */
	wantBody(exchange: Exchange): void;
	/** The connection that the answer goes to; null: it is gone. */
	answering(exchange: Exchange): Http1Server | null;
	/** Sends what was written at the end of this turn. */
	written(): void;
	/** Resolves when the stream has room, or is gone; null: it has room now. */
	room(): Promise<void> | null;
	/** Sends what was written, and resolves when the system has taken it, or the stream is gone. */
	taken(): Promise<void>;
	now(): number;
	readonly platform: Platform;
	/** The request was refused: the head of the refusal is written. */
	refused(status: number, reason: RefusalReason): void;
	readonly turn: Turn;
	/** The answer is complete. */
	answered(exchange: Exchange): void;
	/** The application has failed: reports the error, unless it only says that the client is gone. */
	failed(exchange: Exchange, error: unknown): void;
	/** The answer can't be completed: the stream has to be cut so that the client notices. */
	broken(exchange: Exchange, error: unknown): void;
}

const NO_BODY: BodyStart = { whole: null, reads: [] };

/** One HTTP request and its answer as web-standard objects. Both bodies are streams. */
export class Exchange {
	readonly #owner: ExchangeOwner;
	readonly #event: RequestReceived;
	readonly #abortion: Abortion = new Abortion();
	/**
	 * Kept until the exchange is over: on Node, the signal of a Request is not aborted after the Request was
	 * garbage-collected.
	 */
	#request: Request | null = null;
	/** Reads the body of the current answer. */
	#answer: ReadableStreamDefaultReader<unknown> | null = null;
	#body: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>> | null = null;
	#bodyEnded: boolean = false;
	#pulled: (() => void) | null = null;
	/** How often the application has asked for the request's body. */
	#pulls: number = 0;
	/** The client waits for a 100 before it sends the body, and the application has not asked for the body yet. */
	#owesContinue: boolean;

	constructor(owner: ExchangeOwner, event: RequestReceived) {
		this.#owner = owner;
		this.#event = event;
		this.#owesContinue = event.expectsContinue;
	}

	/** The request for the application. Throws a TypeError when the request-target makes no URL. */
	request(): Request {
		const { head, body, upgrade } = this.#event;
		const stream = body.kind === "none" || upgrade !== null ? null : this.#bodyStream();
		this.#request = makeRequest(head, this.#owner.secure, stream, this.#abortion);
		return this.#request;
	}

	/** Called for bytes of the request's body. */
	received(bytes: Uint8Array): void {
		// The cast is safe: the view is never over shared memory. Its type can't express that.
		if (!this.#bodyEnded) this.#body?.enqueue(bytes as Uint8Array<ArrayBuffer>);
		this.#continuePull();
	}

	/** Called when the request's body is complete. */
	receivedAll(): void {
		if (!this.#bodyEnded) this.#body?.close();
		this.#bodyEnded = true;
		this.#continuePull();
	}

	/** The application may stop its work for the client. `why`: the cause. */
	abort(why: string): void {
		const isFirst = this.#abortion.abort(why);
		const { reason } = this.#abortion;
		if (isFirst && this.#request !== null) requestMaker().aborted?.(this.#request, reason);
		this.#stopBody(reason);
		// A body that waits for its next chunk, perhaps for hours, must be cancelled at once.
		this.#answer?.cancel(reason).catch(() => {});
	}

	/** Whether the error only says that `abort()` was called: then it is not a failure of the application. */
	causedByAbort(error: unknown): boolean {
		return error !== null && error === this.#abortion.reason;
	}

	/**
	 * Sends the answer as fast as the client takes it. If the answer can't be sent, the error is reported, and the client
	 * gets 500. `refusal`: why the request is refused, if it is.
	 */
	async answer(response: Response, refusal: RefusalReason | null = null): Promise<void> {
		// RFC 9110 §9.3.2: an answer to HEAD has no body, so the body need not be produced.
		const isHead = this.#event.head.method === "HEAD";
		this.#answer = null;
		let begun = false;
		try {
			// This throws if the body is already being read, and on Bun for a file that can't be read.
			const reader = isHead ? null : (response.body?.getReader() ?? null);
			this.#answer = reader;
			const isContinueOwed = this.#owesContinue;
			const pulls = this.#pulls;
			// If the client is gone, not even the first chunk is produced.
			const first = this.#owner.answering(this) === null ? null : (reader?.read() ?? null);
			// An error is reported to the code that awaits this promise, but when the head can't be sent no code awaits it.
			first?.catch(() => {});
			// RFC 9110 §10.1.1: the 100 comes before the answer or not at all. An answer that is made from the request's body reads
			// that body when its own first chunk is read.
			if (isContinueOwed) await first;
			const readsOn = this.#pulls > pulls;
			const start = reader === null || first === null ? NO_BODY : await readStart(reader, first);
			const connection = this.#owner.answering(this);
			// Do not wait for what the application does on `cancel`.
			if (connection === null)
				return void (reader ?? response.body)?.cancel(this.#abortion.reason ?? undefined).catch(() => {});
			const framing = { body: start.whole ?? reader !== null, readsOn };
			const outgoing = outgoingResponse(response, framing, this.#owner.platform);
			connection.respond(outgoing, this.#owner.now());
			begun = true;
			if (refusal !== null) this.#owner.refused(response.status, refusal);
			if (isHead) response.body?.cancel().catch((error: unknown) => this.#owner.failed(this, error));
			// A complete answer leaves at once, when the exchange is over.
			if (outgoing.body === true) {
				if (reader !== null && !(await this.#sendBody(reader, start.reads))) return;
			} else {
				// The client's next request, which may have come already, waits until the client takes its waiting answers.
				const room = this.#owner.room();
				if (room !== null) {
					this.#owner.written();
					await room;
				}
			}
		} catch (error) {
			(this.#answer ?? response.body)?.cancel(error).catch(() => {});
			if (begun) return this.#owner.broken(this, whyUnsendable(response, error));
			this.#owner.failed(this, error);
			return this.answer(plainResponse(500, "internal error"), "handler-failed");
		}
		if (this.#body !== null && !this.#bodyEnded)
			this.#stopBody(new DOMException("the request has been answered", "AbortError"));
		this.#owner.answered(this);
	}

	/** `reads`: what was read before the head was sent. false: the client was gone before the end. */
	async #sendBody(reader: ReadableStreamDefaultReader<unknown>, reads: BodyStart["reads"]): Promise<boolean> {
		for (;;) {
			const read = reads.shift() ?? reader.read();
			// Send what was written before waiting for the next chunk.
			if (read instanceof Promise) this.#owner.written();
			const { done, value } = await read;
			const connection = this.#owner.answering(this);
			if (connection === null) return false;
			if (done) {
				connection.endBody([], this.#owner.now());
				this.#owner.written();
				return true;
			}
			if (!(value instanceof Uint8Array))
				throw new TypeError(
					`the stream of a Response gives Uint8Arrays, and this one gave ${shown(value)}: pipe text through a TextEncoderStream`,
				);
			requireAttached(value);
			// A source may reuse the memory of a chunk when it is asked for the next one. So small chunks are copied. After a larger
			// chunk, wait until the system has taken it: the stream reports this, because `write` has returned false.
			const isCopied = value.length <= LARGEST_COPY;
			connection.sendBody(isCopied ? new Uint8Array(value) : value);
			if (isCopied) this.#owner.written();
			await (isCopied ? this.#owner.room() : this.#owner.taken());
			const over = this.#owner.turn.over();
			if (over !== null) await over;
		}
	}

	#bodyStream(): ReadableStream<Uint8Array<ArrayBuffer>> {
		return new ReadableStream<Uint8Array<ArrayBuffer>>(
			{
				start: (controller) => {
					this.#body = controller;
				},
				// One pull takes one event: a body that the application does not read is not read from the stream either.
				pull: () => {
					const pulled = new Promise<void>((resolve) => {
						this.#pulled = resolve;
					});
					this.#owesContinue = false;
					this.#pulls++;
					this.#owner.wantBody(this);
					return pulled;
				},
				cancel: () => {
					this.#bodyEnded = true;
				},
			},
			{ highWaterMark: 0 },
		);
	}

	/** Ends the request's body: no more of it will come. */
	#stopBody(reason: unknown): void {
		if (!this.#bodyEnded) this.#body?.error(reason);
		this.#bodyEnded = true;
		this.#continuePull();
	}

	#continuePull(): void {
		this.#pulled?.();
		this.#pulled = null;
	}
}
