import type { Connection } from "@barewire/connection";
import type { Context, Flushable } from "./context.ts";
import type { Dated } from "./deadlines.ts";
import type { ByteStream, StreamEvents } from "./stream.ts";

/**
 * Joins one connection (pure) to one stream (an adapter's): octets in, events out, output in as few writes as can be,
 * deadlines, and back-pressure in both directions.
 */
export abstract class Driver<Event extends { readonly type: string }, Data> implements StreamEvents, Flushable, Dated {
	slot: number = Number.POSITIVE_INFINITY;
	readonly stream: ByteStream;
	protected readonly context: Context<Data>;
	protected abstract readonly connection: Connection<Event>;
	/** The adapter has said that the stream is gone. */
	protected streamClosed: boolean = false;
	/** The stream wants no more octets until it has drained. */
	protected congested: boolean = false;
	private pumping: boolean = false;
	private flushing: boolean = false;
	private paused: boolean = false;
	private ending: boolean = false;
	/** What the stream held when the closing timer was last looked at. */
	private unsent: number = 0;

	protected constructor(context: Context<Data>, stream: ByteStream) {
		this.context = context;
		this.stream = stream;
	}

	// ── What the adapter tells ─────────────────────────────────────────────────────────────────────────────────

	received(chunk: Uint8Array): void {
		this.connection.receive(chunk, this.context.platform.now());
		this.pump();
	}

	ended(): void {
		this.connection.receiveEnd(this.context.platform.now());
		this.pump();
	}

	drained(): void {
		this.congested = false;
		this.flush();
	}

	closed(error: Error | null): void {
		if (this.streamClosed) return;
		this.streamClosed = true;
		this.context.deadlines.forget(this);
		this.connection.receiveStreamClosed(this.context.platform.now(), error !== null);
		this.streamGone();
		this.pump();
	}

	deadlineReached(): void {
		const now = this.context.platform.now();
		// A peer that is still taking what was sent before the end is not late, however slow it is.
		const { bufferedAmount } = this.stream;
		if (this.ending && bufferedAmount > 0 && bufferedAmount !== this.unsent) {
			this.unsent = bufferedAmount;
			this.connection.extendClosing(now);
		}
		this.connection.handleTimeout(now);
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
			let piece = this.congested ? null : connection.nextOutput();
			while (piece !== null) {
				const next: Uint8Array | null = this.congested ? null : connection.nextOutput();
				if (!stream.write(piece, next !== null)) this.congested = true;
				piece = next;
			}
			this.follow();
			if (connection.nextDeadline < Number.POSITIVE_INFINITY)
				this.context.deadlines.schedule(this, connection.nextDeadline);
		}
		if (!this.congested && connection.bufferedAmount === 0) this.outputDrained();
	}

	/** Does to the stream what the connection asks for. */
	private follow(): void {
		const action = this.connection.streamAction;
		if (action === "destroy") this.stream.destroy();
		else if (action === "end" && !this.ending && this.connection.bufferedAmount === 0) {
			this.ending = true;
			this.unsent = this.stream.bufferedAmount;
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
