import { SocketClosedError } from "./errors.ts";
import { IncomingParts } from "./incoming-message.ts";
import type { ClosedEvent, SocketLink } from "./socket.ts";

type Chunk = string | Uint8Array<ArrayBuffer>;

/** The two streams of one socket. Each is created when it is first used. */
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

/** The received messages, or their parts, as a stream. */
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
			// RFC 6455 §7.4.1, 1011: "it encountered an unexpected condition". When the sink of a pipe fails, the pipe cancels with
			// that error. If the error only says that another socket is closed, this is a normal end.
			cancel: (reason) =>
				link.close(reason instanceof Error && !(reason instanceof SocketClosedError) ? 1011 : 1000, undefined),
		},
		{ highWaterMark: 0 },
	);
}

/** A sink that sends messages. */
function writableOf(link: SocketLink): WritableStream<string | Uint8Array> {
	return new WritableStream<string | Uint8Array>({
		start(controller) {
			link.whenClosed().then((end) => controller.error(errorOf(end)));
			// The sink's own `abort` is called only after a write that waits for the peer has ended.
			controller.signal.addEventListener("abort", () => link.close(1011, undefined));
		},
		async write(message) {
			if (link.readyState !== "open") throw new SocketClosedError();
			try {
				if (!link.send(message, false)) await link.whenDrained();
			} catch (error) {
				// The value is not a message, or too much would wait. The stream can't be used any more, and its lock keeps other code
				// from the socket.
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

/** The error of a stream after this end. */
function errorOf({ wasClean, error }: ClosedEvent): Error {
	return wasClean || error === undefined ? new SocketClosedError() : error;
}
