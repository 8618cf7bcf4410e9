import { SocketClosedError } from "./errors.ts";
import { IncomingParts } from "./incoming-message.ts";
import type { ClosedEvent, SocketLink } from "./socket.ts";

type Chunk = string | Uint8Array<ArrayBuffer>;

/** The two streams of one socket, each made when it is asked for. */
export class SocketStreams {
	readonly #link: SocketLink;
	#readable: ReadableStream<Chunk> | null = null;
	#writable: WritableStream<string | Uint8Array> | null = null;

	constructor(link: SocketLink) {
		this.#link = link;
	}

	get readable(): ReadableStream<Chunk> {
		this.#readable ??= readableOf(this.#link);
		return this.#readable;
	}

	get writable(): WritableStream<string | Uint8Array> {
		this.#writable ??= writableOf(this.#link);
		return this.#writable;
	}
}

/** What a socket receives as a stream of messages, or of their parts. */
function readableOf(link: SocketLink): ReadableStream<Chunk> {
	let parts: AsyncIterator<Chunk, void> | null = null;
	return new ReadableStream<Chunk>(
		{
			async pull(controller) {
				for (;;) {
					const part: IteratorResult<Chunk, void> | undefined = await parts?.next();
					if (part !== undefined && !part.done) return controller.enqueue(part.value);
					const { done, value } = await link.nextMessage();
					if (done) break;
					if (!(value instanceof IncomingParts)) return controller.enqueue(value as Chunk);
					parts = value[Symbol.asyncIterator]();
				}
				const end = await link.whenClosed();
				if (end.wasClean) controller.close();
				else controller.error(errorOf(end));
			},
			// RFC 6455 §7.4.1, 1011: "it encountered an unexpected condition". A pipe whose sink has failed cancels with the error; that
			// another socket is closed is an end like any other.
			cancel: (reason) =>
				link.close(reason instanceof Error && !(reason instanceof SocketClosedError) ? 1011 : 1000, undefined),
		},
		{ highWaterMark: 0 },
	);
}

/** A socket as a sink of messages. */
function writableOf(link: SocketLink): WritableStream<string | Uint8Array> {
	return new WritableStream<string | Uint8Array>({
		start(controller) {
			link.whenClosed().then((end) => controller.error(errorOf(end)));
			// The sink's own `abort` would be called when a write that waits for the peer has ended.
			controller.signal.addEventListener("abort", () => link.close(1011, undefined));
		},
		async write(message) {
			if (link.readyState !== "open") throw new SocketClosedError();
			try {
				if (!link.send(message, false)) await link.whenDrained();
			} catch (error) {
				// No message, or more than may wait: the stream is of no more use, and nobody else may have the socket.
				link.close(1011, undefined);
				throw error;
			}
		},
		async close() {
			link.close(1000, undefined);
			const end = await link.whenClosed();
			if (!end.wasClean) throw errorOf(end);
		},
	});
}

/** What a stream fails with after this end. */
function errorOf({ wasClean, error }: ClosedEvent): Error {
	return wasClean || error === undefined ? new SocketClosedError() : error;
}
