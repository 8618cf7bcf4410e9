import { UsageError } from "@barewire/errors";
import type { MessageKind } from "@barewire/framing";
import { requireMessage } from "./message-check.ts";

/** The source of a message that is sent as a stream: strings (or UTF-8) for a text message, bytes for a binary one. */
export type MessageSource =
	| AsyncIterable<string | Uint8Array>
	| Iterable<string | Uint8Array>
	| ReadableStream<string | Uint8Array>;

/** The source has yielded nothing for longer than the `idle` option allows. */
export class SourceIdleError extends Error {
	readonly code = "ERR_SOURCE_IDLE";

	constructor(idle: number) {
		super(
			`the source of the message yielded nothing for ${idle} ms: raise the option \`idle\`, or have it yield sooner`,
		);
		this.name = "SourceIdleError";
	}
}

/** Reads a source piece by piece, as bytes. */
export class SourceReader {
	readonly #kind: MessageKind;
	readonly #iterator: AsyncIterator<unknown> | Iterator<unknown>;
	/** The first half of a surrogate pair whose second half comes with the next string. */
	#highSurrogate: string = "";

	/** Throws a `UsageError` (ERR_SOURCE) for a source that can't be read. */
	constructor(kind: MessageKind, source: MessageSource) {
		if (kind !== "text" && kind !== "binary")
			throw new UsageError("ERR_MESSAGE_KIND", `a message is "text" or "binary", not ${JSON.stringify(kind)}`);
		const iterator = iteratorOf(source);
		if (iterator === null)
			throw new UsageError(
				"ERR_SOURCE",
				`a message is streamed from an async iterable, an iterable or an unlocked ReadableStream: ${remedy(source)}`,
			);
		this.#kind = kind;
		this.#iterator = iterator;
	}

	/** The next piece; null: the source has ended. Rejects with the error of the source. */
	async next(): Promise<Uint8Array | null> {
		const { done, value } = await this.#iterator.next();
		if (done) return this.#highSurrogate === "" ? null : this.#encode("", true);
		requireMessage(value);
		if (typeof value !== "string")
			return this.#highSurrogate === "" ? (value as Uint8Array) : this.#behindHalf(value as Uint8Array);
		if (this.#kind === "binary")
			throw new UsageError(
				"ERR_MESSAGE_TYPE",
				"the source of a binary message yields Uint8Arrays; this one yielded a string",
			);
		return this.#encode(value, false);
	}

	/** Ends the source early. */
	cancel(): void {
		// An error that this causes in the source is ignored.
		(async () => this.#iterator.return?.())().catch(() => {});
	}

	/** Bytes that follow a string that ends with half of a surrogate pair. */
	#behindHalf(bytes: Uint8Array): Uint8Array {
		const half = this.#encode("", true);
		const whole = new Uint8Array(half.length + bytes.length);
		whole.set(half);
		whole.set(bytes, half.length);
		return whole;
	}

	#encode(text: string, last: boolean): Uint8Array {
		const whole = this.#highSurrogate + text;
		const end = whole.charCodeAt(whole.length - 1);
		const isCut = !last && end >= 0xd800 && end <= 0xdbff;
		this.#highSurrogate = isCut ? whole.slice(-1) : "";
		return encoder.encode(isCut ? whole.slice(0, -1) : whole);
	}
}

function remedy(source: unknown): string {
	if (source instanceof Response || source instanceof Request) return "give its `body`";
	if (source instanceof Blob) return "give its stream()";
	return "use send() for one string or Uint8Array";
}

const encoder = new TextEncoder();

/** null: the value can't be iterated, or is a single string or byte array. */
function iteratorOf(source: MessageSource | null | undefined): AsyncIterator<unknown> | Iterator<unknown> | null {
	if (typeof source !== "object" || source === null || source instanceof Uint8Array) return null;
	if ("getReader" in source) {
		if (source.locked) return null;
		// The stream's own iterator can't be cancelled before it has yielded.
		const reader = source.getReader();
		return {
			next: async () => {
				const { done, value } = await reader.read();
				return { done, value };
			},
			return: async () => {
				await reader.cancel();
				return { done: true, value: undefined };
			},
		};
	}
	if (Symbol.asyncIterator in source) return source[Symbol.asyncIterator]();
	return Symbol.iterator in source ? source[Symbol.iterator]() : null;
}
