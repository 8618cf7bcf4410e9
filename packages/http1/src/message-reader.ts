import { type BodyProgress, nextBodyEvent } from "./body.ts";
import type { BodyEndEvent, BodyEvent, FailedEvent } from "./events.ts";
import { type HttpFailureKind, httpFailure } from "./failure.ts";
import { type FieldBlock, parseFieldLines, readFieldBlock } from "./field-block.ts";
import type { FieldLine } from "./head.ts";
import { firstLine, Input } from "./input.ts";
import { type HttpLimits, httpLimits } from "./limits.ts";

/** The memory of a field in addition to its bytes: an array and two strings. */
const FIELD_OVERHEAD = 96;

/** The common part of both directions. Only the start line and its meaning differ. */
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

	/** Approximate memory in bytes: the unread bytes, and the fields of the current message. */
	get held(): number {
		return this.input.memory + this.#block.size + this.#block.fields.length * FIELD_OVERHEAD;
	}

	/**
	 * Takes ownership of a chunk of received bytes. The chunk must not change before its body events have been used. After a "failed"
	 * event, chunks are dropped. Throws `UsageError` "ERR_READER_SPENT", "ERR_RECEIVE_AFTER_END".
	 */
	receive(chunk: Uint8Array): void {
		this.input.receive(chunk);
	}

	/** The peer has ended the stream. Inside a message that is a violation, and `next` returns it. */
	receiveEnd(): void {
		this.input.ended = true;
	}

	/** Returns the next event. null: more bytes are needed. After "failed", `takeRest` and the end, it always returns null. */
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

	/**
	 * Returns the bytes that were received and not parsed, in one piece or null, for the following protocol. The reader can't be used
	 * afterwards.
	 */
	takeRest(): Uint8Array | null {
		return this.input.takeRest();
	}

	/** Whether it is a violation if the peer ends the connection now. */
	protected abstract get unfinished(): boolean;

	/** Reads the head of the next message and sets `body`. */
	protected abstract nextHead(): HeadEvent | HttpFailureKind | null;

	/** Reads a head. `parse` returns null for a line that may be skipped. */
	protected readHead(
		parse: (line: string) => StartLine | HttpFailureKind | null,
		tooLong: HttpFailureKind,
	): (StartLine & { readonly fields: readonly FieldLine[] }) | HttpFailureKind | null {
		const { input } = this;
		const limits = this.#limits;
		const block = this.#block;
		while (this.line === null) {
			const read = input.readLines(Math.min(limits.maxLineSize, limits.maxHeadSize), limits.maxHeadSize, tooLong);
			if (read === null || typeof read === "string") return read;
			const start = firstLine(read.text);
			if (typeof start === "string") return start;
			const line = parse(start.text);
			if (typeof line === "string") return line;
			this.line = line;
			if (line === null) continue;
			// Usually the field lines have come with the start line.
			block.size = start.text.length + 2;
			const parsed = parseFieldLines(read.text, block.size, block, limits);
			if (parsed !== false) return typeof parsed === "string" ? parsed : { ...line, fields: block.fields };
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
