import { UsageError } from "@barewire/errors";
import {
	closePayload,
	type Extension,
	FrameWriter,
	type FrameWriterState,
	type MessageKind,
	type MessageReader,
	type Role,
	requireAttached,
} from "@barewire/framing";
import { firstSlice, SLICE_SIZE } from "./slice.ts";
import { UnreadOutput, type UnreadOutputState } from "./unread-output.ts";
import {
	closeOf,
	isEnd,
	isPlace,
	isRest,
	messageKind,
	type WaitingKind,
	type WaitingMessage,
	type WaitingMessageState,
	weightOf,
} from "./waiting-message.ts";
import { WaitingMessages } from "./waiting-messages.ts";

/** Above so many bytes of waiting output, only the latest pong is kept. */
const PONG_BACKLOG = 64 * 1024;

/** A pong that waits, and how much output leaves before it is framed. */
interface DelayedPong {
	readonly payload: Uint8Array;
	readonly behind: number;
}

/** With so many bytes of frames that wait, and no more, a message is always taken. */
const SMALL_ANSWER = 4096;

/** To deflate or mask more than this takes so long that whoever has others to serve looks at the time before. */
const WORK_FROM = 16 * 1024;

const NONE: readonly never[] = [];
const NO_BYTES = new Uint8Array(0);
const encoder = new TextEncoder();

/** What has to be known of a sender to go on elsewhere, as plain data. */
export interface MessageSenderState {
	/** null: the stream is gone. */
	readonly frames: FrameWriterState | null;
	readonly waiting: readonly WaitingMessageState[];
	/** The pong that waits for so many bytes of output to be taken; null: none does. */
	readonly delayedPong: DelayedPong | null;
	/** Bytes of messages that were dropped. */
	readonly dropped: number;
	/** Bytes of output up to the Close frame's end, or to the end of all output. 0: none is left; -1: the stream has taken it too. */
	readonly untilEnd: number;
	/** null: nothing was given out for a while. */
	readonly unread: UnreadOutputState | null;
}

/**
 * What an endpoint has to send: frames, and the messages that are not framed yet: behind one that is sent in fragments, or because
 * they may still be replaced, or because they are large and have to be deflated or masked. A large one leaves in slices, each framed when
 * all before it has been taken. Once one waits, all messages that are sent later wait behind it, and so does the Close frame.
 */
export class MessageSender {
	readonly #maxBufferedBytes: number;
	/** Of the same connection: what it holds counts too. */
	readonly #reader: Pick<MessageReader, "memory">;
	#frames: FrameWriter | null;
	/** null: none waits. */
	#waiting: WaitingMessages | null = null;
	#delayedPong: DelayedPong | null = null;
	#dropped = 0;
	#untilEnd = 0;
	/** null: no message was given out for a while. */
	#unread: UnreadOutput | null = null;

	constructor(
		role: Role,
		extensions: readonly Extension[],
		random: ((into: Uint8Array) => void) | null,
		maxBufferedBytes: number,
		reader: Pick<MessageReader, "memory">,
	) {
		this.#frames = new FrameWriter(role, { extensions, ...(random === null ? null : { random }) });
		this.#maxBufferedBytes = maxBufferedBytes;
		this.#reader = reader;
	}

	/** Bytes that wait, framed or not. A message that is not framed counts 64 more, and a text that is not encoded counts its length. */
	get bufferedAmount(): number {
		return this.#buffered + (this.#waiting?.bytes ?? 0);
	}

	/** Bytes of memory that they take, about. */
	get held(): number {
		return this.#framed + (this.#waiting?.bytes ?? 0) + (this.#delayedPong?.payload.length ?? 0);
	}

	/** The arrays in which what waits lies. */
	get pieces(): readonly Uint8Array[] {
		const framed = this.#frames === null ? NONE : this.#frames.pieces;
		if (this.#waiting === null || this.#waiting.large === 0) return framed;
		const pieces = [...framed];
		for (const { payload } of this.#waiting.all()) if (typeof payload !== "string") pieces.push(payload);
		return pieces;
	}

	/** Bytes of messages that were accepted and not given out. */
	get unsent(): number {
		return this.#dropped + (this.#waiting?.bytes ?? 0) + (this.#frames?.bufferedData ?? 0);
	}

	/** The peer has taken output. false: no more of it is what the end waits for, as behind the Close frame only pongs leave. */
	noteProgress(): boolean {
		if (this.isEndTaken) return false;
		// What was given out last, the stream has taken now.
		if (this.#waiting === null && this.#untilEnd === 0) this.#untilEnd = -1;
		return true;
	}

	/** The stream has taken all that the end waits for, as far as is known. */
	get isEndTaken(): boolean {
		// The end is behind what waits.
		return this.#waiting === null && this.#untilEnd < 0;
	}

	/** Whether the next output is before the end, or the end itself. */
	get isBeforeEnd(): boolean {
		return this.#waiting !== null || this.#untilEnd > 0;
	}

	/** Milliseconds that the slowest reader needs for what it may not have read of the output. */
	readingTime(now: number): number {
		return this.#unread === null ? 0 : this.#unread.left(now);
	}

	/** Whether a message that `fragment` goes on with has begun and not ended. */
	get isUnfinished(): boolean {
		return this.#frames !== null && this.#frames.unfinished !== null && !this.#hasRest;
	}

	/** Whether one is unfinished, or has its place behind what waits. */
	get awaitsFragments(): boolean {
		return this.isUnfinished || (this.#waiting !== null && this.#waiting.places > 0);
	}

	/** Whether the next output is a message, or a slice of one, that is long enough and still to be deflated or masked. */
	get isWork(): boolean {
		const first = this.#waiting === null ? null : this.#waiting.first;
		return first !== null && this.#buffered === 0 && !this.isUnfinished && this.#takesLong(first, WORK_FROM);
	}

	/**
	 * Whether a message that is sent now waits, and is not framed: behind others that do, or behind an unfinished one. RFC 6455 §5.4:
	 * fragments of two messages are not interleaved.
	 */
	get isHolding(): boolean {
		return this.#waiting !== null || this.isUnfinished;
	}

	/** Whether a frame that is made now is right when it leaves: before it nothing leaves that an extension has yet to transform. */
	get maySendShared(): boolean {
		return !this.isUnfinished && (this.#waiting === null || this.#waiting.unprepared === 0);
	}

	/** The stream is to be dropped at once, or is gone already. */
	get isCut(): boolean {
		return this.#frames === null;
	}

	/** Bytes that leave before the first frame. */
	raw(bytes: Uint8Array): void {
		this.#frames?.raw(bytes);
	}

	next(now: number): Uint8Array | null {
		const frames = this.#frames;
		if (frames === null) return null;
		let data = frames.bufferedData;
		let piece = frames.next();
		// One at a time: what the owner does not ask for can still be replaced.
		while (piece === null && this.#writeNext()) {
			data = frames.bufferedData;
			piece = frames.next();
		}
		if (piece === null) return null;
		requireAttached(piece);
		// Pings alone, of a connection that is idle, make none.
		if (data > 0) this.#unread ??= new UnreadOutput();
		this.#unread?.add(piece.length, now);
		if (this.#untilEnd > 0) this.#untilEnd = Math.max(0, this.#untilEnd - piece.length);
		if (this.#delayedPong !== null) this.#bringOn(this.#delayedPong, piece.length);
		return piece;
	}

	text(text: string, plain: boolean): void {
		if (typeof text !== "string") throw new UsageError("ERR_INVALID_TEXT", "a text is a string");
		if (text.length > SLICE_SIZE && this.#transforms("text", text.length, plain))
			return this.#wait("text", text, plain);
		if (this.isHolding) return this.#wait("text", encoder.encode(text), plain);
		// At most three bytes for each UTF-16 code unit.
		if (!this.#fits(text.length * 3)) this.#requireRoom(encoder.encode(text).length);
		this.#writer.text(text, plain);
	}

	/** A message that is there in bytes; those of a text are UTF-8. */
	bytes(kind: MessageKind, bytes: Uint8Array, plain: boolean): void {
		requireBytes(bytes);
		if (this.isHolding || (bytes.length > SLICE_SIZE && this.#transforms(kind, bytes.length, plain)))
			return this.#wait(kind, bytes, plain);
		this.#requireRoom(bytes.length);
		this.#writer.message(kind, bytes, plain);
	}

	prepared(frames: Uint8Array): void {
		requireBytes(frames);
		if (this.isHolding) return this.#wait("prepared", frames, true);
		this.#requireRoom(frames.length);
		this.#writer.prepared(frames);
	}

	/** The message waits until it is asked for. Returns whether it has replaced an older one of its key. */
	enqueue(kind: MessageKind | "prepared", bytes: Uint8Array, plain: boolean, key: string | null): boolean {
		if (kind !== "prepared") requireKind(kind);
		requireBytes(bytes);
		const older = this.#waiting?.ofKey(key) ?? null;
		const freed = older === null ? 0 : weightOf(older.kind, older.payload);
		this.#requireRoom(weightOf(kind, bytes), this.#room + freed);
		this.#add({ kind, payload: bytes, plain, key });
		return older !== null;
	}

	begin(kind: MessageKind, plain: boolean): void {
		requireKind(kind);
		// What is large must not be framed at once.
		if (this.awaitsFragments || this.#waiting?.all().some((message) => this.#isSliced(message)))
			return this.#wait(kind === "text" ? "beginText" : "beginBinary", NO_BYTES, plain);
		this.#writeWaiting();
		this.#writer.begin(kind, plain);
	}

	fragment(kind: MessageKind, bytes: Uint8Array, last: boolean): void {
		requireKind(kind);
		requireBytes(bytes);
		// What waits behind this message can only leave when it ends: it does not count here.
		if (this.isUnfinished) this.#requireRoom(bytes.length, this.#room + (this.#waiting?.bytes ?? 0));
		else {
			this.#requireRoom(bytes.length);
			this.#writeWaiting();
		}
		this.#writer.fragment(kind, bytes, last);
		if (last) this.#writeBehind();
	}

	ping(payload: Uint8Array): void {
		this.#writer.ping(payload);
	}

	/** A pong that answers no ping. */
	unsolicitedPong(payload: Uint8Array): void {
		this.#writer.pong(payload);
	}

	/** Sends an empty ping. The pong behind it tells what the peer has read. */
	keepAlive(now: number): void {
		this.#writer.ping(NO_BYTES);
		if (this.#unread?.left(now) === 0) this.#unread = null;
		this.#unread?.pinged();
	}

	/** A pong came. */
	answered(payload: Uint8Array): void {
		if (payload.length === 0) this.#unread?.answered();
	}

	// RFC 6455 §5.5.3: "If an endpoint receives a Ping frame and has not yet sent Pong frame(s) in response to previous
	// Ping frame(s), the endpoint MAY elect to send a Pong frame for only the most recently processed Ping frame."
	// So a peer that pings and never reads can't make the output grow. A later one takes the place of the one that waits: output that
	// is sent meanwhile, or pings without end, do not put it off.
	pong(payload: Uint8Array): void {
		if (this.#frames === null) return;
		const { buffered } = this.#frames;
		if (buffered < PONG_BACKLOG && this.#delayedPong === null) this.#frames.pong(payload);
		else this.#delayedPong = { payload: payload.slice(), behind: this.#delayedPong?.behind ?? buffered };
	}

	// RFC 6455 §5.5.1: "An endpoint MAY delay sending a Close frame until its current message is sent".
	/**
	 * Behind all that was sent, but for what waits for a message in fragments.
	 *
	 * @param isAtOnce Large messages are cut off, or dropped, and what waits behind them.
	 */
	close(code: number | undefined, reason: string | undefined, isAtOnce: boolean): void {
		this.#settleWaiting(isAtOnce);
		if (this.#waiting === null) this.#writeClose(code, reason);
		else this.#add({ kind: "close", payload: closePayload(code, reason), plain: true, key: null });
	}

	/** The stream will end once the output is taken: no pong comes after that. */
	end(): void {
		this.#settleWaiting(false);
		if (this.#waiting === null) this.#writeEnd();
		else if (!this.#waiting.hasEnd) this.#add({ kind: "end", payload: NO_BYTES, plain: true, key: null });
	}

	/** Drops the messages that are not framed. */
	dropWaiting(): void {
		this.#dropped += this.#waiting?.bytes ?? 0;
		this.#waiting = null;
	}

	/** The stream is gone: output can't leave any more. */
	cut(): void {
		this.#dropped = this.unsent;
		this.#waiting = null;
		this.#frames = null;
		this.#delayedPong = null;
		this.#untilEnd = 0;
	}

	snapshot(now: number): MessageSenderState {
		return {
			frames: this.#frames?.snapshot() ?? null,
			waiting: (this.#waiting?.all() ?? []).map(stateOf),
			delayedPong: copyOfPong(this.#delayedPong),
			dropped: this.#dropped,
			untilEnd: this.#untilEnd,
			unread: this.#unread?.snapshot(now) ?? null,
		};
	}

	/** For a sender that has sent nothing: goes on where the snapshot was taken. */
	restore(state: MessageSenderState, now: number): void {
		if (state.frames === null) this.#frames = null;
		else this.#frames?.restore(state.frames);
		for (const { bytes, ...message } of state.waiting) this.#add({ ...message, payload: new Uint8Array(bytes) });
		this.#delayedPong = copyOfPong(state.delayedPong);
		this.#dropped = state.dropped;
		this.#untilEnd = state.untilEnd;
		this.#unread = state.unread === null ? null : UnreadOutput.restore(state.unread, now);
	}

	/** Bytes of memory that frames take. */
	get #framed(): number {
		return this.#frames === null ? 0 : this.#frames.memory;
	}

	/** Bytes in frames. */
	get #buffered(): number {
		return this.#frames === null ? 0 : this.#frames.buffered;
	}

	get #writer(): FrameWriter {
		if (this.#frames === null) throw new UsageError("ERR_STATE", "the connection has ended: look at readyState");
		return this.#frames;
	}

	/** Whether a large message has begun and not ended. */
	get #hasRest(): boolean {
		const first = this.#waiting === null ? null : this.#waiting.first;
		return first !== null && isRest(first.kind);
	}

	#transforms(kind: MessageKind, size: number, plain: boolean): boolean {
		return this.#writer.transforms(kind, size, plain);
	}

	/** Whether the message leaves in slices. */
	#isSliced(message: WaitingMessage): boolean {
		return this.#takesLong(message, SLICE_SIZE);
	}

	/** Whether more than so many bytes of the message, or what is left of a large one, have to be deflated or masked. */
	#takesLong({ kind, payload, plain }: WaitingMessage, size: number): boolean {
		if (isRest(kind)) return true;
		if (payload.length <= size || (kind !== "text" && kind !== "binary")) return false;
		return this.#transforms(kind, payload.length, plain);
	}

	#wait(kind: WaitingKind, payload: Uint8Array | string, plain: boolean): void {
		this.#requireRoom(weightOf(kind, payload));
		this.#add({ kind, payload, plain, key: null });
	}

	#add(message: WaitingMessage): void {
		this.#waiting ??= new WaitingMessages();
		this.#waiting.push(message);
	}

	/** Frames the next message that waits, or a slice of it, if no other one is unfinished. false: there is none. */
	#writeNext(): boolean {
		const waiting = this.#waiting;
		const message = waiting === null ? null : waiting.first;
		if (waiting === null || message === null || this.isUnfinished) return false;
		const { kind, payload, plain } = message;
		// Nothing goes past what can't leave any more.
		if (!isAttached(message)) this.dropWaiting();
		if (typeof payload !== "string") requireAttached(payload);
		if (this.#isSliced(message)) {
			this.#writeSlice(waiting, message);
			return true;
		}
		this.#shift(waiting);
		const bytes = typeof payload === "string" ? encoder.encode(payload) : payload;
		if (kind === "prepared") this.#writer.prepared(bytes);
		else if (kind === "close") this.#writeClose(...closeOf(bytes));
		else if (kind === "end") this.#writeEnd();
		else if (isPlace(kind)) this.#writer.begin(messageKind(kind), plain);
		else this.#writer.message(messageKind(kind), bytes, plain);
		this.#writeEndOf(waiting);
		return true;
	}

	/** The end counts nothing: while it waited alone, nothing would seem to be left. */
	#writeEndOf(waiting: WaitingMessages): void {
		if (waiting.first !== null && isEnd(waiting.first.kind)) this.#writeNext();
	}

	// RFC 6455 §5.4: "Control frames (see Section 5.5) MAY be injected in the middle of a fragmented message."
	/** Frames the next slice of the first message that waits. */
	#writeSlice(waiting: WaitingMessages, message: WaitingMessage): void {
		const { payload, plain } = message;
		const kind = messageKind(message.kind);
		const { bytes, rest } = firstSlice(payload, kind === "text");
		if (!isRest(message.kind)) this.#writer.begin(kind, plain, payload.length);
		const isLast = rest.length === 0;
		this.#writer.fragment(kind, bytes, isLast, true);
		if (!isLast)
			return waiting.replaceFirst({
				kind: kind === "text" ? "restText" : "restBinary",
				payload: rest,
				plain,
				key: null,
			});
		this.#shift(waiting);
		this.#writeEndOf(waiting);
	}

	#shift(waiting: WaitingMessages): void {
		waiting.shift();
		if (waiting.first === null) this.#waiting = null;
	}

	/** RFC 6455 §1.4: behind the Close frame a pong would be discarded. */
	#writeClose(code: number | undefined, reason: string | undefined): void {
		this.#writeDelayedPong();
		this.#writer.close(code, reason);
		this.#untilEnd = this.#writer.buffered;
	}

	#writeEnd(): void {
		this.#frames?.end();
		this.#untilEnd = this.#buffered;
		this.#delayedPong = null;
	}

	/**
	 * A message in fragments has ended: frames what waits behind it, up to the next one in fragments, or else up to a message that can
	 * still be replaced. No more than a slice's worth of work.
	 */
	#writeBehind(): void {
		let left = SLICE_SIZE;
		for (let waiting = this.#waiting; waiting?.first != null; waiting = this.#waiting) {
			const { key, payload } = waiting.first;
			left -= payload.length;
			if (left < 0 || (waiting.places === 0 && key !== null) || !this.#writeNext()) return;
		}
	}

	/** Frames all that waits, for something that comes behind it. */
	#writeWaiting(): void {
		while (this.#writeNext());
	}

	/**
	 * No message comes behind what waits. It is framed, but for more than a slice's worth of work, and up to one that was transferred. What
	 * waits for a message in fragments is dropped, with that one: nobody may end it any more.
	 */
	#settleWaiting(isAtOnce: boolean): void {
		if (this.isUnfinished) return this.dropWaiting();
		if (this.#waiting === null) return;
		const messages = this.#waiting.all();
		const end = messages.findIndex((message) => isPlace(message.kind) || (isAtOnce && this.#isSliced(message)));
		if (end >= 0) {
			this.dropWaiting();
			for (const message of messages.slice(0, end)) this.#add(message);
			this.#dropped -= this.#waiting?.bytes ?? 0;
		}
		let left = SLICE_SIZE;
		for (let waiting = this.#waiting; waiting?.first != null; waiting = this.#waiting) {
			const { first } = waiting;
			left -= first.payload.length;
			if (left < 0 || isRest(first.kind) || !isAttached(first)) return;
			this.#writeNext();
		}
	}

	/** So much output was taken: the pong that waits is framed when all that stood before it is. */
	#bringOn({ payload, behind }: DelayedPong, taken: number): void {
		if (behind > taken) this.#delayedPong = { payload, behind: behind - taken };
		else this.#writeDelayedPong();
	}

	#writeDelayedPong(): void {
		if (this.#delayedPong === null) return;
		this.#writer.pong(this.#delayedPong.payload);
		this.#delayedPong = null;
	}

	/** Bytes that there is room for. */
	get #room(): number {
		return this.#maxBufferedBytes - this.#reader.memory - this.held;
	}

	/** A small answer is never refused for what the peer has sent: then nothing else need be counted. */
	#fits(size: number): boolean {
		const isSmall = this.#waiting === null && this.#buffered + size <= Math.min(SMALL_ANSWER, this.#maxBufferedBytes);
		return isSmall || size <= this.#room;
	}

	#requireRoom(size: number, room: number | null = null): void {
		if (room === null ? this.#fits(size) : size <= room) return;
		throw new UsageError(
			"ERR_BUFFER_FULL",
			`with ${size} bytes more the connection would hold more than maxBufferedBytes (${this.#maxBufferedBytes}): send when less is waiting, or raise the limit`,
		);
	}
}

function isAttached({ payload }: WaitingMessage): boolean {
	return typeof payload === "string" || !(payload.buffer as ArrayBuffer).detached;
}

/** The same in memory of its own. */
function stateOf({ payload, ...message }: WaitingMessage): WaitingMessageState {
	if (typeof payload === "string") return { ...message, bytes: encoder.encode(payload) };
	requireAttached(payload);
	return { ...message, bytes: new Uint8Array(payload) };
}

function copyOfPong(pong: DelayedPong | null): DelayedPong | null {
	return pong === null ? null : { payload: pong.payload.slice(), behind: pong.behind };
}

function requireBytes(bytes: Uint8Array): void {
	if (bytes?.BYTES_PER_ELEMENT !== 1) throw new UsageError("ERR_INVALID_PAYLOAD", "a payload is a Uint8Array");
	requireAttached(bytes);
}

function requireKind(kind: MessageKind): void {
	if (kind !== "text" && kind !== "binary")
		throw new UsageError("ERR_MESSAGE_KIND", `a message is "text" or "binary", not ${String(kind)}`);
}
