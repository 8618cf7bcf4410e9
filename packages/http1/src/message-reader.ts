import { type BodyProgress, nextBodyEvent } from "./body.ts";
import type { BodyEndEvent, BodyEvent, FailedEvent } from "./events.ts";
import { type HttpFailureKind, httpFailure } from "./failure.ts";
import { type FieldBlock, readFieldBlock } from "./field-block.ts";
import type { FieldLine } from "./head.ts";
import { Input } from "./input.ts";
import { type HttpLimits, httpLimits } from "./limits.ts";

/** What a field costs besides its bytes: an array and two strings. */
const FIELD_OVERHEAD = 96;

/** What the two directions have in common. All but the start line and its meaning is the same. */
export abstract class MessageReader<StartLine extends object, HeadEvent extends { readonly type: string }> {
	protected readonly input: Input = new Input();
	/** Null until the start line has been read. */
	protected line: StartLine | null = null;
	/** Null between messages and inside a head. */
	protected body: BodyProgress | null = null;
	#block: FieldBlock = { fields: [], size: 0 };
	readonly #limits: HttpLimits;

	/** Throws `UsageError` "ERR_INVALID_LIMIT". */
	constructor(limits?: Partial<HttpLimits>) {
		this.#limits = httpLimits(limits);
	}

	/** Bytes received and not parsed. */
	get unread(): number {
		return this.input.unread;
	}

	/** Bytes of memory that it takes, about: what is unread, and the fields of the message under way. */
	get held(): number {
		return this.input.memory + this.#block.size + this.#block.fields.length * FIELD_OVERHEAD;
	}

	/**
	 * Takes over a chunk of received bytes: it must not change before its body events have been used. After a "failed"
	 * event it is dropped. Throws `UsageError` "ERR_READER_SPENT", "ERR_RECEIVE_AFTER_END".
	 */
	receive(chunk: Uint8Array): void {
		this.input.receive(chunk);
	}

	/** The peer sends nothing more. Inside a message that is a violation, which `next` tells. */
	receiveEnd(): void {
		this.input.ended = true;
	}

	/** The next event; null when more must arrive, and for ever after "failed", `takeRest` and the end. */
	next(): HeadEvent | BodyEvent | BodyEndEvent | FailedEvent | null {
		if (this.input.spent) return null;
		let event = this.body === null ? this.nextHead() : nextBodyEvent(this.input, this.body, this.#limits);
		if (event === null && this.input.ended && this.unfinished) event = "incomplete-message";
		if (typeof event === "string") {
			this.input.fail();
			return { type: "failed", failure: httpFailure(event) };
		}
		if (event?.type === "bodyEnd") this.#reset();
		return event;
	}

	/** What was received and not parsed, in one piece or null, for the protocol that follows. The reader is then spent. */
	takeRest(): Uint8Array | null {
		return this.input.takeRest();
	}

	/** Whether the peer may not end the connection here. */
	protected abstract get unfinished(): boolean;

	/** The head that begins the next message. It sets `body`. */
	protected abstract nextHead(): HeadEvent | HttpFailureKind | null;

	/** Reads a head. `parse` gives null for a line that may be skipped. */
	protected readHead(
		parse: (line: string) => StartLine | HttpFailureKind | null,
		tooLong: HttpFailureKind,
	): (StartLine & { readonly fields: readonly FieldLine[] }) | HttpFailureKind | null {
		const { input } = this;
		const limits = this.#limits;
		const block = this.#block;
		while (this.line === null) {
			const start = input.readLine(Math.min(limits.maxLineSize, limits.maxHeadSize), tooLong);
			if (start === null || typeof start === "string") return start;
			const line = parse(start.text);
			if (typeof line === "string") return line;
			this.line = line;
			block.size = start.text.length + 2;
		}
		const read = readFieldBlock(input, block, limits, limits.maxHeadSize, "head-too-large");
		if (typeof read === "string") return read;
		return read ? { ...this.line, fields: block.fields } : null;
	}

	#reset(): void {
		this.line = null;
		this.#block = { fields: [], size: 0 };
		this.body = null;
	}
}
