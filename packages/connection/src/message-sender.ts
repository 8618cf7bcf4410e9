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

/** When more bytes of output than this wait, only the latest pong is kept. */
const PONG_BACKLOG = 64 * 1024;

/** A pong that waits, and how many bytes of output are sent before it is framed. */
interface DelayedPong {
	readonly payload: Uint8Array;
	readonly behind: number;
}

/** A message is always accepted while the waiting frames, including this message, do not exceed this number of bytes. */
const SMALL_ANSWER = 4096;

/** Deflating or masking more bytes than this takes long. An owner with other connections checks the time before it starts. */
const WORK_FROM = 16 * 1024;

const NONE: readonly never[] = [];
const NO_BYTES = new Uint8Array(0);
const encoder = new TextEncoder();

/** The state of a sender as plain data, to continue elsewhere. */
export interface MessageSenderState {
	/** null: the stream is closed. */
	readonly frames: FrameWriterState | null;
	readonly waiting: readonly WaitingMessageState[];
	/** The pong that waits until a number of output bytes is taken. null: no pong waits. */
	readonly delayedPong: DelayedPong | null;
	/** Bytes of messages that were dropped. */
	readonly dropped: number;
	/**
	 * Bytes of output up to the end of the Close frame, or to the end of all output. 0: none are left. -1: the stream has also taken
	 * the last of them.
	 */
	readonly untilEnd: number;
	/** null: no output was given out recently. */
	readonly unread: UnreadOutputState | null;
}

/**
 * The output of an endpoint: frames, and messages that are not framed yet. A message is not framed yet when it waits for a
 * fragmented message, when it can still be replaced, or when it is large and must be deflated or masked. A large message is sent in
 * slices. Each slice is framed after everything before it has been taken. While one message waits, all later messages wait too, and
 * so does the Close frame.
 */
export class MessageSender {
	readonly #maxBufferedBytes: number;
	/** The reader of the same connection. Its memory counts too. */
	readonly #reader: Pick<MessageReader, "memory">;
	#frames: FrameWriter | null;
	/** null: no message waits. */
	#waiting: WaitingMessages | null = null;
	#delayedPong: DelayedPong | null = null;
	#dropped = 0;
	#untilEnd = 0;
	/** null: no message was given out recently. */
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

	/** Bytes that wait, framed or not. A message that is not framed counts 64 bytes more. A text that is not encoded counts its length. */
	get bufferedAmount(): number {
		return this.#buffered + (this.#waiting?.bytes ?? 0);
	}

	/** Approximate memory of the waiting output, in bytes. */
	get held(): number {
		return this.#framed + (this.#waiting?.bytes ?? 0) + (this.#delayedPong?.payload.length ?? 0);
	}

	/** The arrays that contain the waiting output. */
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

	/** The peer has taken output. false: the end no longer waits for output, because only pongs are sent after the Close frame. */
	noteProgress(): boolean {
		if (this.isEndTaken) return false;
		// The stream has now taken the last output that was given out.
		if (this.#waiting === null && this.#untilEnd === 0) this.#untilEnd = -1;
		return true;
	}

	/** As far as known, the stream has taken all output that the end waits for. */
	get isEndTaken(): boolean {
		// The end comes after the waiting messages.
		return this.#waiting === null && this.#untilEnd < 0;
	}

	/** Whether the next output comes before the end, or is the end itself. */
	get isBeforeEnd(): boolean {
		return this.#waiting !== null || this.#untilEnd > 0;
	}

	/** Milliseconds that the slowest accepted reader needs for the output that it may not have read yet. */
	readingTime(now: number): number {
		return this.#unread === null ? 0 : this.#unread.left(now);
	}

	/** Whether a message that `fragment` continues has begun and not ended. */
	get isUnfinished(): boolean {
		return this.#frames !== null && this.#frames.unfinished !== null && !this.#hasRest;
	}

	/** Whether such a message is unfinished or waits in the queue. */
	get awaitsFragments(): boolean {
		return this.isUnfinished || (this.#waiting !== null && this.#waiting.places > 0);
	}

	/** Whether the next output is a message, or a slice of one, that must still be deflated or masked, and is large enough to take long. */
	get isWork(): boolean {
		const first = this.#waiting === null ? null : this.#waiting.first;
		return first !== null && this.#buffered === 0 && !this.isUnfinished && this.#takesLong(first, WORK_FROM);
	}

	/**
	 * Whether a message that is sent now must wait before it is framed: other messages wait before it, or a message is unfinished.
	 * RFC 6455 §5.4: fragments of two messages are not interleaved.
	 */
	get isHolding(): boolean {
		return this.#waiting !== null || this.isUnfinished;
	}

	/**
	 * Whether a frame that is made now is still correct when it is sent: no message that an extension must still transform is sent before it.
	 */
	get maySendShared(): boolean {
		return !this.isUnfinished && (this.#waiting === null || this.#waiting.unprepared === 0);
	}

	/** The stream must be dropped at once, or is closed already. */
	get isCut(): boolean {
		return this.#frames === null;
	}

	/** Adds bytes to send before the first frame. */
	raw(bytes: Uint8Array): void {
		this.#frames?.raw(bytes);
	}

	next(now: number): Uint8Array | null {
		const frames = this.#frames;
		if (frames === null) return null;
		let data = frames.bufferedData;
		let piece = frames.next();
		// Frame one message at a time: a message that is not framed yet can still be replaced.
		while (piece === null && this.#writeNext()) {
			data = frames.bufferedData;
			piece = frames.next();
		}
		if (piece === null) return null;
		requireAttached(piece);
		// An idle connection that sends only pings does not need this object.
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
		// UTF-8 needs at most three bytes per UTF-16 code unit.
		if (!this.#fits(text.length * 3)) this.#requireRoom(encoder.encode(text).length);
		this.#writer.text(text, plain);
	}

	/** Sends a message whose payload is given as bytes. A text is UTF-8. */
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

	/** The message waits until output is requested. Returns whether it has replaced an older message with the same key. */
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
		// A large message must not be framed at once.
		if (this.awaitsFragments || this.#waiting?.all().some((message) => this.#isSliced(message)))
			return this.#wait(kind === "text" ? "beginText" : "beginBinary", NO_BYTES, plain);
		this.#writeWaiting();
		this.#writer.begin(kind, plain);
	}

	fragment(kind: MessageKind, bytes: Uint8Array, last: boolean): void {
		requireKind(kind);
		requireBytes(bytes);
		// Messages that wait for this one can only be sent after it ends: they do not count here.
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

	/** Sends a pong that does not answer a ping. */
	unsolicitedPong(payload: Uint8Array): void {
		this.#writer.pong(payload);
	}

	/** Sends an empty ping. Its pong shows what the peer has read. */
	keepAlive(now: number): void {
		this.#writer.ping(NO_BYTES);
		if (this.#unread?.left(now) === 0) this.#unread = null;
		this.#unread?.pinged();
	}

	/** A pong was received. */
	answered(payload: Uint8Array): void {
		if (payload.length === 0) this.#unread?.answered();
	}

	// RFC 6455 §5.5.3: "If an endpoint receives a Ping frame and has not yet sent Pong frame(s) in response to previous Ping
	// frame(s), the endpoint MAY elect to send a Pong frame for only the most recently processed Ping frame." This prevents a peer
	// that sends pings and never reads from making the output grow. A later pong takes the position of the pong that waits. Output
	// that is sent meanwhile, or an endless series of pings, does not delay it.
	pong(payload: Uint8Array): void {
		if (this.#frames === null) return;
		const { buffered } = this.#frames;
		if (buffered < PONG_BACKLOG && this.#delayedPong === null) this.#frames.pong(payload);
		else this.#delayedPong = { payload: payload.slice(), behind: this.#delayedPong?.behind ?? buffered };
	}

	// RFC 6455 §5.5.1: "An endpoint MAY delay sending a Close frame until its current message is sent".
	/**
	 * Sends the Close frame after everything that was sent before, except messages that wait for a fragmented message.
	 *
	 * @param isAtOnce Large messages are aborted or dropped, together with all messages after them.
	 */
	close(code: number | undefined, reason: string | undefined, isAtOnce: boolean): void {
		this.#settleWaiting(isAtOnce);
		if (this.#waiting === null) this.#writeClose(code, reason);
		else this.#add({ kind: "close", payload: closePayload(code, reason), plain: true, key: null });
	}

	/** The stream ends after the output is taken. No pong is sent after that. */
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

	/** The stream is closed: no more output can be sent. */
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

	/** For a sender that has sent nothing: continues from the snapshot. */
	restore(state: MessageSenderState, now: number): void {
		if (state.frames === null) this.#frames = null;
		else this.#frames?.restore(state.frames);
		for (const { bytes, ...message } of state.waiting) this.#add({ ...message, payload: new Uint8Array(bytes) });
		this.#delayedPong = copyOfPong(state.delayedPong);
		this.#dropped = state.dropped;
		this.#untilEnd = state.untilEnd;
		this.#unread = state.unread === null ? null : UnreadOutput.restore(state.unread, now);
	}

	/** Memory of the frames, in bytes. */
	get #framed(): number {
		return this.#frames === null ? 0 : this.#frames.memory;
	}

	/** Bytes that are framed. */
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

	/** Whether the message is sent in slices. */
	#isSliced(message: WaitingMessage): boolean {
		return this.#takesLong(message, SLICE_SIZE);
	}

	/** Whether more than `size` bytes of the message must be deflated or masked, or the message is the rest of a large one. */
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

	/** Frames the next waiting message, or a slice of it, unless another message is unfinished. false: there is none. */
	#writeNext(): boolean {
		const waiting = this.#waiting;
		const message = waiting === null ? null : waiting.first;
		if (waiting === null || message === null || this.isUnfinished) return false;
		const { kind, payload, plain } = message;
		// If a message can't be sent any more, the messages after it are not sent either.
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

	/** The end has no bytes. If it waited alone, it would seem that no output is left. */
	#writeEndOf(waiting: WaitingMessages): void {
		if (waiting.first !== null && isEnd(waiting.first.kind)) this.#writeNext();
	}

	// RFC 6455 §5.4: "Control frames (see Section 5.5) MAY be injected in the middle of a fragmented message."
	/** Frames the next slice of the first waiting message. */
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

	/** RFC 6455 §1.4: a pong after the Close frame would be discarded. */
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
	 * A fragmented message has ended. Frames the messages that wait for it, up to the next fragmented message. If there is none, it
	 * stops at a message that can still be replaced. It frames at most the size of one slice.
	 */
	#writeBehind(): void {
		let left = SLICE_SIZE;
		for (let waiting = this.#waiting; waiting?.first != null; waiting = this.#waiting) {
			const { key, payload } = waiting.first;
			left -= payload.length;
			if (left < 0 || (waiting.places === 0 && key !== null) || !this.#writeNext()) return;
		}
	}

	/** Frames all waiting messages, because something must come after them. */
	#writeWaiting(): void {
		while (this.#writeNext());
	}

	/**
	 * No message comes after the waiting ones. They are framed, up to the size of one slice, and up to a message whose buffer was
	 * transferred. A waiting fragmented message is dropped together with the messages after it, because it can't be completed any more.
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

	/** `taken` bytes of output were taken. The waiting pong is framed when all output that was before it is taken. */
	#bringOn({ payload, behind }: DelayedPong, taken: number): void {
		if (behind > taken) this.#delayedPong = { payload, behind: behind - taken };
		else this.#writeDelayedPong();
	}

	#writeDelayedPong(): void {
		if (this.#delayedPong === null) return;
		this.#writer.pong(this.#delayedPong.payload);
		this.#delayedPong = null;
	}

	/** The number of bytes that still fit. */
	get #room(): number {
		return this.#maxBufferedBytes - this.#reader.memory - this.held;
	}

	/** A small answer is never rejected because of data that the peer has sent. In that case nothing else needs to be counted. */
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

/** Returns a copy in separate memory. */
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
