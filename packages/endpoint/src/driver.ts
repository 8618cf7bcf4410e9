import type { Connection } from "@barewire/connection";
import type { Context, Flushable } from "./context.ts";
import type { Dated } from "./deadlines.ts";
import type { ByteStream, StreamEvents } from "./stream.ts";

/**
 * A larger piece goes to the stream in parts, each when the one before is out: the system tells that it has taken a piece,
 * and not how much of it, so a slow peer that is reading could otherwise not be told from one that is gone.
 */
const LARGEST_WRITE = 256 * 1024;

/** The engine is told of chunks from this size on. */
const LARGE_CHUNK = 32 * 1024;

/**
 * Joins one connection (pure) to one stream (an adapter's): bytes in, events out, output in as few writes as can be,
 * deadlines, and back-pressure in both directions.
 */
export abstract class Driver<Event extends { readonly type: string }, Data> implements StreamEvents, Flushable, Dated {
	slot: number = Number.POSITIVE_INFINITY;
	readonly stream: ByteStream;
	protected readonly context: Context<Data>;
	protected abstract readonly connection: Connection<Event>;
	/** The adapter has said that the stream is gone. */
	protected streamClosed: boolean = false;
	/** The stream wants no more bytes until it has drained. */
	protected congested: boolean = false;
	private pumping: boolean = false;
	private flushing: boolean = false;
	private paused: boolean = false;
	private ending: boolean = false;
	/** What is left of a piece that is too large for one write. */
	private rest: Uint8Array | null = null;

	protected constructor(context: Context<Data>, stream: ByteStream) {
		this.context = context;
		this.stream = stream;
	}

	// ── What the adapter tells ─────────────────────────────────────────────────────────────────────────────────

	received(chunk: Uint8Array): void {
		if (chunk.length >= LARGE_CHUNK) this.context.platform.largeChunk?.(chunk.length);
		this.connection.receive(chunk, this.context.platform.now());
		this.pump();
	}

	ended(): void {
		this.connection.receiveEnd(this.context.platform.now());
		this.pump();
	}

	drained(): void {
		this.congested = false;
		this.connection.noteProgress(this.context.platform.now());
		this.flush();
	}

	closed(error: Error | null): void {
		if (this.streamClosed) return;
		this.streamClosed = true;
		this.rest = null;
		this.context.deadlines.forget(this);
		this.connection.receiveStreamClosed(this.context.platform.now(), error !== null);
		this.streamGone();
		this.pump();
	}

	deadlineReached(): void {
		this.connection.handleTimeout(this.context.platform.now());
		this.pump();
	}

	// ── For the sessions ───────────────────────────────────────────────────────────────────────────────────────

	/** Whether the application can take another event now. */
	protected abstract wantsEvent(): boolean;
	protected abstract dispatch(event: NonNullable<ReturnType<Connection<Event>["nextEvent"]>>): void;
	/** All output has been handed over and the stream has room again. */
	protected abstract outputDrained(): void;
	/** The stream is gone: called once, before the last events. */
	protected abstract streamGone(): void;

	/** Hands over all events that the application can take, then all that it sent meanwhile in one batch. */
	protected pump(): void {
		if (this.pumping) return;
		this.pumping = true;
		while (this.wantsEvent()) {
			const event = this.connection.nextEvent();
			if (event === null) break;
			this.dispatch(event);
		}
		this.pumping = false;
		this.flush();
		this.regulate();
	}

	/** Flushes when the turn ends, or when the running pump ends. */
	protected flushSoon(): void {
		if (this.pumping || this.flushing) return;
		this.flushing = true;
		this.context.flushLater(this);
	}

	/** Hands the output to the stream: pieces that follow one another are marked so that they can leave together. */
	flush(): void {
		this.flushing = false;
		const { connection, stream } = this;
		if (!this.streamClosed) {
			let piece = this.congested ? null : this.nextPiece();
			while (piece !== null) {
				const next: Uint8Array | null = this.congested ? null : this.nextPiece();
				// A part of that size is a batch of its own: whether the stream has room is asked after it.
				if (!stream.write(piece, next !== null && piece.length < LARGEST_WRITE)) this.congested = true;
				piece = next;
			}
			this.follow();
			if (connection.nextDeadline < Number.POSITIVE_INFINITY)
				this.context.deadlines.schedule(this, connection.nextDeadline);
		}
		if (!this.congested && this.waiting === 0) this.outputDrained();
	}

	/** Bytes that are not yet with the stream. */
	protected get waiting(): number {
		return this.connection.bufferedAmount + (this.rest === null ? 0 : this.rest.length);
	}

	private nextPiece(): Uint8Array | null {
		const piece = this.rest ?? this.connection.nextOutput();
		if (piece === null || piece.length <= LARGEST_WRITE) {
			this.rest = null;
			return piece;
		}
		this.rest = piece.subarray(LARGEST_WRITE);
		return piece.subarray(0, LARGEST_WRITE);
	}

	/** Does to the stream what the connection asks for. */
	private follow(): void {
		const action = this.connection.streamAction;
		if (action === "destroy") this.stream.destroy();
		else if (action === "end" && !this.ending && !this.congested && this.waiting === 0) {
			this.ending = true;
			this.stream.end();
		}
	}

	/** Stops the stream while there is something that the application can't take yet. */
	private regulate(): void {
		const pause = !this.wantsEvent() && this.connection.unread > 0;
		if (pause === this.paused || this.streamClosed) return;
		this.paused = pause;
		if (pause) this.stream.pause();
		else this.stream.resume();
	}
}
