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
 * A larger piece goes to the stream in parts, each when the one before is out: the system tells that it has taken a piece,
 * and not how much of it, so a slow peer that is reading could otherwise not be told from one that is gone.
 */
const LARGEST_WRITE = 256 * 1024;

/** The last part is never smaller than this: for a larger one `write` returns false unless all of it is taken at once. */
const SMALLEST_REST = 64 * 1024;

/** So many bytes leave together, also when the turn is over: small pieces, each with a system call of its own, would take longer. */
const SMALLEST_BATCH = 64 * 1024;

/** While the driver waits for a later turn, the stream is paused when so many bytes are unread. */
const MOST_WAITING = 64 * 1024;

/** So few bytes are handled even when the turn is over: an ordinary connection must not stand behind all that wait. */
const LITTLE = 1024;

/** A connection that holds fewer bytes is not noted: for a short answer that the system takes at once, noting it would be the larger part of the work. */
const LEAST_NOTED = 4096;

/** Milliseconds after which a connection that holds too much is looked at again. */
const LOOK_AGAIN = 100;

/** What the events of a protocol are for: HTTP's exchanges, a client's handshake, or a socket's session. */
export interface ProtocolOwner<Event> {
	readonly speaks: "http" | "websocket";
	/** Whether the application can take another event now. */
	wantsEvent(): boolean;
	dispatch(event: Event): void;
	/** Bytes that may be unread before the stream is paused; 0 where it is left out. An end behind them is seen. */
	readonly readAhead?: number;
	/** The peer has reached a rate: the protocol reads what has come later, by itself. */
	readonly isHeldBack?: boolean;
	/** Bytes of memory that wait for the application, about. */
	readonly held: number;
	/** The stream is, or stays, paused: what has come is more than the application has room for, or comes too fast. */
	paused?(): void;
	/** All output that may leave has been handed over, and the stream has room again. */
	outputDrained(): void;
	/** The stream is gone: called once, before the last events. `error`: why, when it was not by this endpoint's doing. */
	streamGone(error: Error | null): void;
	/** Ends politely: a socket with a Close frame, HTTP after the answer that is under way. */
	shutDown(code: number, reason: string): void;
	/** Ends at once. */
	terminate(): void;
	/** The peer has taken no output for too long: the same. */
	stalled(): void;
	/** It holds too much, and must end: "message-too-big": of what the peer has sent; "no-room": this side has no room. */
	noRoom(why: "message-too-big" | "no-room"): void;
	/** The connection can't go on: tells the application. */
	broke(error: unknown): void;
}

/**
 * Joins one stream (an adapter's) to one protocol object (pure) at a time and to the owner of its events: bytes in, events
 * out, output in as few writes as can be, deadlines, and back-pressure in both directions.
 */
export class Driver<Data> implements StreamEvents, Flushable, Dated {
	slot: number | null = null;
	readonly stream: ByteStream;
	readonly context: Context<Data>;
	#protocol: Protocol<unknown> = NO_PROTOCOL;
	#owner: ProtocolOwner<unknown> = NO_OWNER;
	/** The stream wants no more bytes until it has drained. */
	#isCongested: boolean = false;
	/** "flushing": a flush comes when the present turn ends; a pump flushes when it ends. */
	#turn: "idle" | "pumping" | "flushing" = "idle";
	/** Whether the stream is paused, and what is held: null: it is not, and nothing was when it was looked at last. */
	#holding: Holding<Data> | null = null;
	/** "ending": the sending half was ended. "failed": the connection can't go on. */
	#stage: "open" | "ending" | "failed" = "open";
	/** Held while the stream may have output that waits. */
	#watch: OutputWatch | null = null;
	/** What is left of a piece that is too large for one write. */
	#rest: Uint8Array | null = null;
	/** Once the adapter has said that the stream is gone: bytes that it was given and that the system never took. */
	#lost: number | null = null;

	constructor(context: Context<Data>, stream: ByteStream) {
		this.context = context;
		this.stream = stream;
		context.drivers.add(this);
	}

	/** The stream wants no more bytes: `outputDrained` tells when it has taken what waits. */
	get isCongested(): boolean {
		return this.#isCongested || this.#rest !== null;
	}

	/** The adapter has said that the stream is gone. */
	get isStreamGone(): boolean {
		return this.#lost !== null;
	}

	/** From now on the stream speaks this protocol: at the switch, WebSocket takes the place of HTTP. */
	drive<Event>(protocol: Protocol<Event>, owner: ProtocolOwner<Event>): void {
		this.#protocol = protocol;
		// The two belong together: this owner gets the events of this protocol and of no other.
		this.#owner = owner as ProtocolOwner<unknown>;
		this.flushSoon();
	}

	get owner(): ProtocolOwner<unknown> {
		return this.#owner;
	}

	now(): number {
		return this.context.platform.now();
	}

	/** Tells that the peer takes its messages slower than they come: once, until it has taken all that waits. */
	observeSlow(observed: (connection: ConnectionView) => Observed): void {
		// What only waits for the end of the turn tells nothing of the peer.
		if (!this.isCongested || this.#watch === null || this.#watch.isKnownSlow) return;
		this.#watch.isKnownSlow = true;
		this.observe(observed);
	}

	/** Tells who observes the server, if somebody does. */
	observe(observed: (connection: ConnectionView) => Observed): void {
		if (this.context.isObserved) this.context.observe(observed(viewOf(this)));
	}

	// ── What the adapter tells ─────────────────────────────────────────────────────────────────────────────────

	// None of these throws, and neither do `pump` and `flush`: a failure stays inside of its connection.

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
			// A peer that takes all at once would get the next output, and the next, without end.
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
		// Whatever fails below: the server must not wait for this stream, but for the handlers that its end begins.
		this.context.streamGone(this);
		try {
			if (error instanceof UsageError) this.#brokeBy(error);
			// Without an error both halves have ended, or it was destroyed here.
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

	/** The connection can't go on: a defect, or bytes that the application has taken back before they were sent. */
	#failed(error: unknown): void {
		this.#turn = "idle";
		if (this.#stage === "failed") return;
		this.#stage = "failed";
		this.#brokeBy(error);
		this.stream.destroy();
	}

	#brokeBy(error: unknown): void {
		this.#owner.broke(error);
		// What the owner waits for ends with the stream.
		this.#owner.terminate();
	}

	// ── For the owners ─────────────────────────────────────────────────────────────────────────────────────────

	/** Goes on when the application can take events again, perhaps long after they came. */
	pump(): void {
		if (this.#turn === "pumping") return;
		// What the events begin, such as the closing deadline, begins now.
		this.deadlineReached();
	}

	/** Hands over the events that the application can take, then all that it sent meanwhile in one batch. `received`: bytes, just now. */
	#pump(now: number, received: number = 0): void {
		if (this.#turn === "pumping") return;
		const { turn } = this.context;
		if (turn.isOverAt(now) && !this.#isLittle(now, received)) turn.wait(this);
		if (!turn.waits(this)) this.#takeEvents();
		this.#flush();
		this.regulate();
	}

	/**
	 * Whether what has come is so little that it is handled although the turn is over. A request is not, once the turn is far over: open
	 * sockets go before very many new connections.
	 */
	#isLittle(now: number, received: number): boolean {
		if (received > LITTLE || this.#protocol.unread > LITTLE) return false;
		return this.#owner.speaks === "websocket" || !this.context.turn.isFarOverAt(now);
	}

	/** All of them, or as many as this turn has room for. */
	#takeEvents(): void {
		const { turn } = this.context;
		this.#turn = "pumping";
		// An event may put another protocol and owner in the place of these.
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

	/** Hands events over, and leaves it to the caller to have the output leave: what they make at once can leave with it. */
	pumpEvents(): void {
		if (this.#turn === "pumping" || this.context.turn.waits(this)) return;
		try {
			this.#takeEvents();
		} catch (error) {
			this.#failed(error);
		}
	}

	/** Pumps once the present turn is over: a caller of the socket never runs other handlers inside its call. */
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

	/** Hands the output to the stream: pieces that follow one another are marked so that they can leave together. */
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
				// A part of that size is a batch of its own: whether the stream has room is asked after it.
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
			// If it were not for another turn, it would have left.
			isOver ||= this.#protocol.outputIsWork;
			this.#follow();
			if (writes) this.#watchWritten(last);
			const deadline = Math.min(this.#protocol.nextDeadline, this.#watch?.due ?? Number.POSITIVE_INFINITY);
			if (deadline < Number.POSITIVE_INFINITY) this.context.deadlines.schedule(this, deadline);
		}
		// Also where only a part of a piece is out: nobody tells when a stream that has room wants the rest.
		if (isOver && !this.#isCongested && this.waiting > 0) return turn.wait(this);
		if (this.isCongested) return;
		if (this.#watch !== null) this.#watch.isKnownSlow = false;
		this.#owner.outputDrained();
		if (this.#protocol.streamAction !== "open") this.#takeLastEvent();
	}

	/** Begins to watch what the stream could not pass on at once. */
	#watchWritten(last: Uint8Array | null): void {
		if (this.#watch === null) {
			if (this.stream.bufferedAmount === 0) return;
			this.#watch = new OutputWatch(this.stream, this.context.stallTime, this.now());
		}
		this.#watch.written(last, this.now());
	}

	/** A peer that takes any byte of the output lives; one that takes none for too long is cut. */
	#watchOutput(now: number): void {
		const watch = this.#watch;
		if (watch === null) return;
		// Only where the stream had no room: otherwise the system has taken it, and the peer perhaps not.
		if (watch.look(now) && this.#isCongested) this.#protocol.noteProgress(now);
		if (watch.due > now) return;
		const standing = watch.judge(now);
		if (standing === "goes on") return;
		this.#watch = null;
		if (standing === "stalled") this.#owner.stalled();
	}

	/** The end of a protocol comes behind its last output. */
	#takeLastEvent(): void {
		if (this.#turn === "pumping" || this.context.turn.waits(this) || !this.#owner.wantsEvent()) return;
		const event = this.#nextEvent();
		if (event !== null) this.#owner.dispatch(event);
	}

	/** Bytes that were sent and that the system has not taken yet. */
	get bufferedAmount(): number {
		return this.waiting + (this.isStreamGone ? 0 : this.stream.bufferedAmount);
	}

	/** Bytes that were given out by the protocol and that the system never took, where the stream is cut. */
	get lost(): number {
		const { streamAction } = this.#protocol;
		if (streamAction !== "destroy" && streamAction !== "reset") return 0;
		return this.#lost ?? (this.#rest?.length ?? 0) + this.stream.bufferedAmount;
	}

	/** Bytes of memory that the connection takes beyond what an idle one does, about. Once the stream is gone: what waits for the application. */
	get held(): number {
		if (this.isStreamGone) return this.#owner.held;
		return this.#protocol.held + this.#owner.held + this.#heldByStream;
	}

	/** Bytes that the stream was given, or is to be given next. */
	get #heldByStream(): number {
		// It has passed on all of them, as far as was seen.
		if (this.#watch === null && !this.isCongested) return 0;
		return (this.#rest === null ? 0 : this.#rest.length) + this.stream.bufferedAmount;
	}

	/** How many of these are an unfinished message's. */
	get unfinished(): number {
		return this.#protocol.unfinished;
	}

	/** How many of these wait to be sent. */
	get heldOutput(): number {
		return this.#protocol.heldOutput + this.#heldByStream;
	}

	/** Whether what was received gets less while nothing more is: the application takes it. */
	get inputCanGetLess(): boolean {
		return this.#owner.held > 0 || this.#hasInput;
	}

	/** The arrays in which what waits to be sent lies. What the stream was given is not among it: the runtime may have copied that. */
	get pieces(): readonly Uint8Array[] {
		const { pieces } = this.#protocol;
		return this.#rest === null ? pieces : [this.#rest, ...pieces];
	}

	/** What is noted of what is held. */
	get holding(): Holding<Data> | null {
		return this.#holding;
	}

	/** Bytes that are not yet with the stream. */
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

	/** Does to the stream what the protocol asks for. */
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

	/** Whether what comes while the driver waits has to be stopped: it is much already, or is discarded and could come for ever. */
	get #mayPileUp(): boolean {
		const { unread, outputIsWork } = this.#protocol;
		// Who waits for a turn to send a large message is to see a ping or a Close meanwhile.
		return unread > MOST_WAITING || (unread === 0 && !outputIsWork);
	}

	/** Notes what is held, and stops the stream while that is too much, comes too fast, or is more than the application or this turn can take. */
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
		// From now on what is awaited has its time again.
		if (holding.isOver !== holding.wasOver) {
			holding.wasOver = holding.isOver;
			if (!rests) this.pumpLater();
		}
		if (isFull) owner.paused?.();
		// Nobody tells when a stream that has room has passed on what waits.
		if (holding.isOverLimit) this.context.deadlines.schedule(this, this.now() + LOOK_AGAIN);
		if (holding.isEmpty) this.#holding = null;
	}

	/** Notes what a stream that is gone has left to the application, until it has taken that. */
	#noteUntaken(held: number): void {
		const { untaken } = this.context;
		if (held < LEAST_NOTED && this.#holding === null) return;
		this.#holding ??= new Holding(this);
		this.#holding.count(held);
		if (held > 0) return void untaken.add(this);
		untaken.delete(this);
		this.#holding = null;
	}
}

/** Before the first `drive`. */
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
