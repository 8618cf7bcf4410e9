import type { Protocol } from "@barewire/connection";
import { UsageError } from "@barewire/errors";
import { requireAttached } from "@barewire/framing";
import { type ConnectionView, viewOf } from "./connection-view.ts";
import type { Context, Flushable } from "./context.ts";
import type { Dated } from "./deadlines.ts";
import { Holding } from "./holding.ts";
import type { Observed } from "./observe.ts";
import { OutputWatch } from "./output-watch.ts";
import type { ByteStream, StreamEvents } from "./stream.ts";

/**
 * A larger piece is written in parts, and each part waits until the stream has taken the one before. The operating system
 * reports only whole pieces as taken. Without parts, a peer that reads slowly looks like a peer that is gone.
 */
const LARGEST_WRITE = 256 * 1024;

/**
 * The last part is never smaller than this. For a last part that is larger, `write` returns false unless the system takes
 * all of it at once.
 */
const SMALLEST_REST = 64 * 1024;

/**
 * This many bytes are written together even when the turn is over. Small pieces, each with a system call of its own, would
 * take longer.
 */
const SMALLEST_BATCH = 64 * 1024;

/** While the driver waits for a later turn, the stream is paused when this many bytes are unread. */
const MOST_WAITING = 64 * 1024;

/**
 * This many bytes or fewer are handled even when the turn is over: an ordinary connection must not wait behind the whole
 * queue.
 */
const LITTLE = 1024;

/**
 * A connection that holds fewer bytes has no `Holding`. For a short answer that the system takes at once, the bookkeeping
 * would be most of the work.
 */
const LEAST_NOTED = 4096;

/** Milliseconds after which a connection that holds too much is checked again. */
const LOOK_AGAIN = 100;

/** Handles the events of a protocol: HTTP exchanges, a client's opening handshake, or a socket's session. */
export interface ProtocolOwner<Event> {
	readonly speaks: "http" | "websocket";
	/** Whether the application can take another event now. */
	wantsEvent(): boolean;
	dispatch(event: Event): void;
	/**
	 * Bytes that may be unread before the stream is paused; 0 if omitted. The end of the stream is still detected behind
	 * these bytes.
	 */
	readonly readAhead?: number;
	/** The peer has reached a rate limit: the protocol reads the remaining input later, by itself. */
	readonly isHeldBack?: boolean;
	/** Approximate bytes of memory that wait for the application. */
	readonly held: number;
	/** The stream is, or stays, paused: the input is more than the application has room for, or comes too fast. */
	paused?(): void;
	/** The stream was given all output that may leave, and has room again. */
	outputDrained(): void;
	/** The stream is gone: called once, before the last events. `error`: the cause, when this endpoint did not close it. */
	streamGone(error: Error | null): void;
	/** The last event was dispatched; the stream may take a moment longer. Omitted: it was not. */
	readonly hasEnded?: boolean;
	/** An HTTP connection without a request: the next one may be on its way. Omitted: it is not. */
	readonly isIdle?: boolean;
	/** Ends normally: a socket with a Close frame, HTTP after the current answer. */
	shutDown(code: number, reason: string): void;
	/** Ends at once. */
	terminate(): void;
	/** The peer has taken no output for too long: also ends at once. */
	stalled(): void;
	/**
	 * The connection holds too much and must end. "message-too-big": the peer's message is too large; "no-room": this
	 * endpoint has no room.
	 */
	noRoom(why: "message-too-big" | "no-room"): void;
	/** The connection can't continue: reports the error to the application. */
	broke(error: unknown): void;
}

/**
 * Connects one stream (of an adapter) to one protocol object (without I/O) at a time, and to the owner of its events. Bytes
 * go in and events come out. The driver writes the output in as few calls as possible, and handles deadlines and
 * back-pressure in both directions.
 */
export class Driver<Data> implements StreamEvents, Flushable, Dated {
	slot: number | null = null;
	readonly stream: ByteStream;
	readonly context: Context<Data>;
	#protocol: Protocol<unknown> = NO_PROTOCOL;
	#owner: ProtocolOwner<unknown> = NO_OWNER;
	/** The stream takes no more bytes until it has drained. */
	#isCongested: boolean = false;
	/** "flushing": a flush follows at the end of the present turn. "pumping": the pump flushes when it ends. */
	#turn: "idle" | "pumping" | "flushing" = "idle";
	/** Records whether the stream is paused, and what is held. null: not paused, and nothing was held at the last check. */
	#holding: Holding<Data> | null = null;
	/** "ending": the sending half was ended. "failed": the connection can't continue. */
	#stage: "open" | "ending" | "failed" = "open";
	/** Set while the stream may have output that waits. */
	#watch: OutputWatch | null = null;
	/** The rest of a piece that is too large for one write. */
	#rest: Uint8Array | null = null;
	/**
	 * Set when the adapter has reported that the stream is gone: the bytes that the stream was given and the system never
	 * took.
	 */
	#lost: number | null = null;

	constructor(context: Context<Data>, stream: ByteStream) {
		this.context = context;
		this.stream = stream;
		context.drivers.add(this);
	}

	/** The stream takes no more bytes: `outputDrained` is called when it has taken what waits. */
	get isCongested(): boolean {
		return this.#isCongested || this.#rest !== null;
	}

	/** The adapter has reported that the stream is gone. */
	get isStreamGone(): boolean {
		return this.#lost !== null;
	}

	/** Sets the protocol of the stream: after the opening handshake, WebSocket replaces HTTP. */
	drive<Event>(protocol: Protocol<Event>, owner: ProtocolOwner<Event>): void {
		this.#protocol = protocol;
		// The cast is safe: this owner only gets the events of this protocol.
		this.#owner = owner as ProtocolOwner<unknown>;
		this.flushSoon();
	}

	// ── Moving to another process ──────────────────────────────────────────────────────────────────────────────

	/** Puts another owner in front of the present one. */
	interpose(owner: ProtocolOwner<unknown>): void {
		this.#owner = owner;
	}

	/** Gives nothing more to the stream. Returns what is left of a piece that was not written in full. */
	halt(): Uint8Array | null {
		const rest = this.#rest;
		this.#rest = null;
		this.#protocol = NO_PROTOCOL;
		return rest;
	}

	/** Continues with output that comes before that of the protocol. */
	goOnWith<Event>(protocol: Protocol<Event>, owner: ProtocolOwner<Event>, rest: Uint8Array | null): void {
		this.#rest = rest;
		this.drive(protocol, owner);
		this.regulate();
	}

	/** The stream belongs to another process: nothing of it is left here. */
	leave(): void {
		this.#lost = 0;
		this.#watch = null;
		this.#holding?.count(0);
		this.#holding = null;
		this.#protocol = NO_PROTOCOL;
		this.#owner = NO_OWNER;
		this.context.deadlines.forget(this);
		this.context.streamGone(this);
	}

	get owner(): ProtocolOwner<unknown> {
		return this.#owner;
	}

	now(): number {
		return this.context.platform.now();
	}

	/** Reports, once until all waiting output is taken, that the peer takes its messages more slowly than they come. */
	observeSlow(observed: (connection: ConnectionView) => Observed): void {
		// Output that only waits for the end of the turn does not mean that the peer is slow.
		if (!this.isCongested || this.#watch === null || this.#watch.isKnownSlow) return;
		this.#watch.isKnownSlow = true;
		this.observe(observed);
	}

	/** Calls the observer of the server, if there is one. */
	observe(observed: (connection: ConnectionView) => Observed): void {
		if (this.context.isObserved) this.context.observe(observed(viewOf(this)));
	}

	// ── Calls from the adapter ─────────────────────────────────────────────────────────────────────────────────

	// These methods never throw, and neither do `pump` and `flush`: a failure stays within its connection.

	received(chunk: Uint8Array): void {
		try {
			const now = this.now();
			this.#protocol.receive(chunk, now);
			this.context.turn.spend(chunk.length);
			this.#pump(now, chunk.length);
		} catch (error) {
			this.#failed(error);
		}
	}

	ended(): void {
		try {
			const now = this.now();
			this.#protocol.receiveEnd(now);
			this.#pump(now);
		} catch (error) {
			this.#failed(error);
		}
	}

	drained(): void {
		try {
			this.#isCongested = false;
			const now = this.now();
			this.#watch?.drained(now);
			this.#protocol.noteProgress(now);
			// A peer that takes everything at once would otherwise get output without end.
			this.context.turn.spend(LARGEST_WRITE);
			if (this.context.turn.isOverAt(now)) this.context.turn.wait(this);
			else this.flush();
		} catch (error) {
			this.#failed(error);
		}
	}

	closed(error: Error | null): void {
		if (this.isStreamGone) return;
		this.#lost = (this.#rest?.length ?? 0) + this.stream.bufferedAmount;
		this.#rest = null;
		this.#watch = null;
		this.context.deadlines.forget(this);
		// This comes before anything that can fail: the server must not wait for this stream, only for the handlers that its end
		// starts.
		this.context.streamGone(this);
		try {
			if (error instanceof UsageError) this.#brokeBy(error);
			// Without an error, both halves have ended, or this endpoint destroyed the stream.
			const now = this.now();
			if (error === null) this.#protocol.receiveEnd(now);
			this.#protocol.receiveReset(now);
			this.#owner.streamGone(error);
			this.#pump(now);
			if (this.context.turn.waits(this)) void this.context.lastEventsWait(this);
		} catch (second) {
			this.#failed(second);
		}
	}

	deadlineReached(): void {
		try {
			const now = this.now();
			this.#watchOutput(now);
			this.#protocol.handleTimeout(now, this.isCongested);
			this.#pump(now);
		} catch (error) {
			this.#failed(error);
		}
	}

	/** The connection can't continue: because of a bug, or because the application transferred a buffer before it was sent. */
	#failed(error: unknown): void {
		this.#turn = "idle";
		if (this.#stage === "failed") return;
		this.#stage = "failed";
		this.#brokeBy(error);
		this.stream.destroy();
	}

	#brokeBy(error: unknown): void {
		this.#owner.broke(error);
		// Everything that the owner waits for ends with the stream.
		this.#owner.terminate();
	}

	// ── Calls from the owners ──────────────────────────────────────────────────────────────────────────────────

	/** Continues when the application can take events again, which may be long after they came. */
	pump(): void {
		if (this.#turn === "pumping") return;
		// Deadlines that these events start, such as the closing deadline, must start at the present time.
		this.deadlineReached();
	}

	/**
	 * Hands over the events that the application can take, then writes in one batch what the application sent. `received`:
	 * bytes received just now.
	 */
	#pump(now: number, received: number = 0): void {
		if (this.#turn === "pumping") return;
		const { turn } = this.context;
		if (turn.isOverAt(now) && !this.#isLittle(now, received)) turn.wait(this);
		if (!turn.waits(this)) this.#takeEvents();
		this.#flush();
		this.regulate();
	}

	/**
	 * Whether the input is so little that it is handled although the turn is over. HTTP requests are not handled once the
	 * turn is far over: open sockets take precedence over very many new connections.
	 */
	#isLittle(now: number, received: number): boolean {
		if (received > LITTLE || this.#protocol.unread > LITTLE) return false;
		return this.#owner.speaks === "websocket" || !this.context.turn.isFarOverAt(now);
	}

	/** Takes all events, or as many as this turn has room for. */
	#takeEvents(): void {
		const { turn } = this.context;
		this.#turn = "pumping";
		// An event may replace the protocol and the owner.
		while (this.#owner.wantsEvent()) {
			const event = this.#nextEvent();
			if (event === null) break;
			this.#owner.dispatch(event);
			if (turn.spendOne() && this.#hasInput) {
				turn.wait(this);
				break;
			}
		}
		this.#turn = "idle";
	}

	get #hasInput(): boolean {
		return this.#protocol.unread > 0 || this.#protocol.hasMore;
	}

	/** The next event; null: there is none, or it takes more work than this turn has room for. */
	#nextEvent(): unknown {
		for (;;) {
			const event = this.#protocol.nextEvent();
			if (event !== null || !this.#protocol.hasMore) return event;
			if (!this.context.turn.isOverForWork) continue;
			this.context.turn.wait(this);
			return null;
		}
	}

	/** Hands events over. The caller flushes: output that the events produce at once can leave in the same write. */
	pumpEvents(): void {
		if (this.#turn === "pumping" || this.context.turn.waits(this)) return;
		try {
			this.#takeEvents();
		} catch (error) {
			this.#failed(error);
		}
	}

	/** Pumps when the present turn is over: a call on the socket never runs other handlers inside itself. */
	pumpLater(): void {
		this.context.platform.defer(() => this.pump());
	}

	/** Flushes when the turn ends, or when the running pump ends. */
	flushSoon(): void {
		if (this.#turn !== "idle") return;
		this.#turn = "flushing";
		this.context.flushLater(this);
	}

	flush(): void {
		try {
			this.#flush();
			this.regulate();
		} catch (error) {
			this.#failed(error);
		}
	}

	/** Writes the output to the stream. Pieces that follow one another are marked so that the stream can write them together. */
	#flush(): void {
		if (this.#turn === "flushing") this.#turn = "idle";
		const { stream } = this;
		const { turn } = this.context;
		let isOver = false;
		if (!this.isStreamGone) {
			let piece = this.#isCongested ? null : this.#nextPiece();
			if (piece !== null) this.#watch?.look(this.now());
			const writes = piece !== null;
			let written = 0;
			let last: Uint8Array | null = null;
			while (piece !== null) {
				// A part of this size is its own batch: check after it whether the stream has room.
				const isBatch = piece.length >= LARGEST_WRITE;
				turn.spend(piece.length);
				written += piece.length;
				isOver = written >= SMALLEST_BATCH && turn.isOver;
				let next: Uint8Array | null = isBatch || isOver || this.#isCongested ? null : this.#nextPiece();
				if (!stream.write(piece, next !== null)) {
					this.#isCongested = true;
					last = piece;
				}
				if (isBatch && !isOver && !this.#isCongested) next = this.#nextPiece();
				piece = next;
			}
			// The output would have left now, but its work has to wait for another turn.
			isOver ||= this.#protocol.outputIsWork;
			this.#follow();
			if (writes) this.#watchWritten(last);
			const deadline = Math.min(this.#protocol.nextDeadline, this.#watch?.due ?? Number.POSITIVE_INFINITY);
			if (deadline < Number.POSITIVE_INFINITY) this.context.deadlines.schedule(this, deadline);
		}
		// This also applies when only a part of a piece is written: a stream that has room sends no event that would continue the
		// rest.
		if (isOver && !this.#isCongested && this.waiting > 0) return turn.wait(this);
		if (this.isCongested) return;
		if (this.#watch !== null) this.#watch.isKnownSlow = false;
		this.#owner.outputDrained();
		if (this.#protocol.streamAction !== "open") this.#takeLastEvent();
	}

	/** Starts to watch the output that the stream could not pass on at once. */
	#watchWritten(last: Uint8Array | null): void {
		if (this.#watch === null) {
			if (this.stream.bufferedAmount === 0) return;
			this.#watch = new OutputWatch(this.stream, this.context.stallTime, this.now());
		}
		this.#watch.written(last, this.now());
	}

	/** A peer that takes any byte of the output is alive. The connection to a peer that takes none for too long is cut. */
	#watchOutput(now: number): void {
		const watch = this.#watch;
		if (watch === null) return;
		// This counts only when the stream had no room. Otherwise the system has taken the output, but the peer perhaps has not.
		if (watch.look(now) && this.#isCongested) this.#protocol.noteProgress(now);
		if (watch.due > now) return;
		const standing = watch.judge(now);
		if (standing === "goes on") return;
		this.#watch = null;
		if (standing === "stalled") this.#owner.stalled();
	}

	/** The end event of a protocol follows its last output. */
	#takeLastEvent(): void {
		if (this.#turn === "pumping" || this.context.turn.waits(this) || !this.#owner.wantsEvent()) return;
		const event = this.#nextEvent();
		if (event !== null) this.#owner.dispatch(event);
	}

	/** Bytes that were sent and that the system has not taken yet. */
	get bufferedAmount(): number {
		return this.waiting + (this.isStreamGone ? 0 : this.stream.bufferedAmount);
	}

	/** If the stream is cut: bytes that the protocol has output and that the system never took. */
	get lost(): number {
		const { streamAction } = this.#protocol;
		if (streamAction !== "destroy" && streamAction !== "reset") return 0;
		return this.#lost ?? (this.#rest?.length ?? 0) + this.stream.bufferedAmount;
	}

	/**
	 * Approximate bytes of memory beyond those of an idle connection. Once the stream is gone: what waits for the
	 * application.
	 */
	get held(): number {
		if (this.isStreamGone) return this.#owner.held;
		return this.#protocol.held + this.#owner.held + this.#heldByStream;
	}

	/** Bytes that the stream was given, or is given next. */
	get #heldByStream(): number {
		// As far as we know, the stream has passed on all bytes.
		if (this.#watch === null && !this.isCongested) return 0;
		return (this.#rest === null ? 0 : this.#rest.length) + this.stream.bufferedAmount;
	}

	/** How many of the held bytes belong to an unfinished message. */
	get unfinished(): number {
		return this.#protocol.unfinished;
	}

	/** How many of the held bytes wait to be sent. */
	get heldOutput(): number {
		return this.#protocol.heldOutput + this.#heldByStream;
	}

	/** Whether the held input can become less while nothing more is received, because the application takes it. */
	get inputCanGetLess(): boolean {
		return this.#owner.held > 0 || this.#hasInput;
	}

	/**
	 * The arrays that contain the waiting output. Bytes that the stream was given are not included: the runtime may have
	 * copied them.
	 */
	get pieces(): readonly Uint8Array[] {
		const { pieces } = this.#protocol;
		return this.#rest === null ? pieces : [this.#rest, ...pieces];
	}

	get holding(): Holding<Data> | null {
		return this.#holding;
	}

	/** Bytes that the stream was not given yet. */
	get waiting(): number {
		return this.#protocol.bufferedAmount + (this.#rest === null ? 0 : this.#rest.length);
	}

	#nextPiece(): Uint8Array | null {
		if (this.#rest !== null) requireAttached(this.#rest);
		else if (this.#protocol.outputIsWork && this.context.turn.isOverForWork) return null;
		const piece = this.#rest ?? this.#protocol.nextOutput();
		if (piece === null || piece.length <= LARGEST_WRITE + SMALLEST_REST) {
			this.#rest = null;
			return piece;
		}
		this.#rest = piece.subarray(LARGEST_WRITE);
		return piece.subarray(0, LARGEST_WRITE);
	}

	/** Performs the stream action that the protocol asks for. */
	#follow(): void {
		const { streamAction } = this.#protocol;
		if (streamAction === "destroy") this.stream.destroy();
		else if (streamAction === "reset") this.#reset();
		else if (streamAction === "end" && this.#stage === "open" && !this.#isCongested && this.waiting === 0) {
			this.#stage = "ending";
			this.stream.end();
		}
	}

	#reset(): void {
		if (this.stream.abort === undefined) this.stream.destroy();
		else this.stream.abort();
	}

	/**
	 * Whether reading must stop while the driver waits: much input is unread already, or the input is discarded and could
	 * come without end.
	 */
	get #mayPileUp(): boolean {
		const { unread, outputIsWork } = this.#protocol;
		// A peer's ping or Close frame must be read while a large message waits for a turn to be sent.
		return unread > MOST_WAITING || (unread === 0 && !outputIsWork);
	}

	/**
	 * Records what is held. Pauses the stream while that is too much, while input comes too fast, or while there is more than
	 * the application or this turn can take.
	 */
	regulate(): void {
		if (this.#turn === "pumping") return;
		const { held } = this;
		if (this.isStreamGone) return this.#noteUntaken(held);
		const waits = this.context.turn.waits(this) && this.#mayPileUp;
		const owner = this.#owner;
		const isFull = this.#protocol.unread > (owner.readAhead ?? 0) && (owner.isHeldBack === true || !owner.wantsEvent());
		if (
			this.#holding === null &&
			!isFull &&
			!waits &&
			held < LEAST_NOTED &&
			held <= this.context.settings.maxBufferedBytes
		)
			return;
		this.#holding ??= new Holding(this);
		const holding = this.#holding;
		holding.note(held);
		const pause = isFull || waits || holding.isOver;
		if (pause !== holding.isPaused) {
			holding.isPaused = pause;
			if (pause) this.stream.pause();
			else this.stream.resume();
		}
		const rests = waits || holding.isOver;
		if (rests) this.#protocol.restReading(this.now());
		// Restart the timers of what we wait for.
		if (holding.isOver !== holding.wasOver) {
			holding.wasOver = holding.isOver;
			if (!rests) this.pumpLater();
		}
		if (isFull) owner.paused?.();
		// There is no event when a stream that has room has passed on its output.
		if (holding.isOverLimit) this.context.deadlines.schedule(this, this.now() + LOOK_AGAIN);
		if (holding.isEmpty) this.#holding = null;
	}

	/** Records what a stream that is gone has left for the application, until the application has taken it. */
	#noteUntaken(held: number): void {
		const { untaken } = this.context;
		if (held < LEAST_NOTED && this.#holding === null) return;
		this.#holding ??= new Holding(this);
		if (this.#holding.isDropped) return;
		this.#holding.count(held);
		if (held > 0) return void untaken.add(this);
		untaken.delete(this);
		this.#holding = null;
	}

	/** For a stream that is gone: drops what waits for the application. A message that the application already reads stays, and is not counted. */
	dropUntaken(): void {
		this.#owner.terminate();
		this.context.untaken.delete(this);
		const holding = this.#holding;
		if (holding === null) return;
		holding.count(0);
		holding.isDropped = true;
	}
}

/** The protocol before the first `drive`, and of a stream that is neither read nor written. */
const NO_PROTOCOL: Protocol<never> = {
	receive() {},
	receiveEnd() {},
	receiveReset() {},
	handleTimeout() {},
	noteProgress() {},
	restReading() {},
	nextEvent: () => null,
	hasMore: false,
	outputIsWork: false,
	nextOutput: () => null,
	nextDeadline: Number.POSITIVE_INFINITY,
	streamAction: "open",
	unread: 0,
	bufferedAmount: 0,
	held: 0,
	heldOutput: 0,
	pieces: [],
	unfinished: 0,
};

const NO_OWNER: ProtocolOwner<unknown> = {
	speaks: "http",
	held: 0,
	wantsEvent: () => false,
	dispatch() {},
	outputDrained() {},
	streamGone() {},
	shutDown() {},
	terminate() {},
	stalled() {},
	noRoom() {},
	broke() {},
};
