import { UsageError } from "@barewire/errors";
import type { MessageKind } from "@barewire/framing";
import type { Context } from "./context.ts";
import { IncomingParts, type IncomingSource } from "./incoming-message.ts";
import { IncomingSide } from "./incoming-side.ts";
import { MessageQueue } from "./message-queue.ts";
import type { Received } from "./socket.ts";
import type { Turn, Waiting } from "./turn.ts";

/** Milliseconds in which a loop must begin after more has come than is read ahead. Then all messages are discarded. */
const UNREAD_TIME = 2_000;

/** What the delivery of messages needs from its session. */
export interface DeliveryOwner {
	/** The socket is closing: messages that have no room are dropped. */
	readonly isClosing: boolean;
	/** The stream is gone. Messages that it has left may still come. */
	readonly isStreamGone: boolean;
	/** The connection has ended. */
	readonly hasEnded: boolean;
	/** Calls the `message` handler. */
	handle(message: Received): void;
	handlerFailed(error: unknown): void;
	/** No handler runs any more: delivers the next message, or the end. */
	goOn(): void;
	/** Starts the closing handshake. */
	close(code: number, reason: string): void;
	/** Takes the events that there is room for: now, or when the present turn is over. */
	pump(): void;
	pumpLater(): void;
	/** A message is larger than `maxMessageSize`: fails the connection. */
	tooBig(): Error;
}

/**
 * Delivers the messages of one socket to its `message` handler or its `for await` loop, once a message has to wait: for the
 * handler that runs, for the loop, for its own parts, or for a later turn.
 */
export class MessageDelivery<Data> implements IncomingSource, Waiting {
	readonly #context: Context<Data>;
	readonly #owner: DeliveryOwner;
	/** A handler's promise is pending: messages and the `close` handler wait for it. */
	isBusy: boolean = false;
	/** The Close frame that waits until the application is done with a message. */
	shutDown: { readonly code: number; readonly reason: string } | null = null;
	/** The message that is still being read although its handler has returned: the next message waits for it. */
	#reading: IncomingParts | null = null;
	/** A `for await` loop has asked for a message and has not been left. */
	#hasLoop: boolean = false;
	/** There is no reader, and more has come than is read ahead: messages are discarded. */
	#isIgnoring: boolean = false;
	/** The socket is closing and a message had no room: later messages are dropped as well. */
	#dropsRest: boolean = false;
	#cancelWatch: (() => void) | null = null;
	/** Set while the socket waits to be moved: no further message is delivered. Called when the application is done with one. */
	#whenDone: (() => void) | null = null;
	#incoming: IncomingSide | null = null;
	#queue: MessageQueue<Received> | null = null;

	constructor(context: Context<Data>, owner: DeliveryOwner) {
		this.#context = context;
		this.#owner = owner;
	}

	/** Whether there is room for another message or part. */
	get hasRoom(): boolean {
		if (this.#isIgnoring) return true;
		return (this.#queue === null || this.#queue.hasRoom) && (this.#incoming === null || this.#incoming.hasRoom);
	}

	/** Approximate bytes of memory that wait for the application. */
	get held(): number {
		return (this.#queue === null ? 0 : this.#queue.held) + (this.#incoming === null ? 0 : this.#incoming.held);
	}

	/** Whether a loop waits for a message to come. */
	get isAwaited(): boolean {
		return this.#queue?.isAwaited === true;
	}

	deliver(message: Received): void {
		if (this.#dropsRest) this.handled(message);
		else if (this.#isFree && (this.#queue === null || this.#queue.isEmpty)) this.#owner.handle(message);
		else if (this.#isIgnoring) this.handled(message);
		else this.#keep(message);
	}

	deliverPart(kind: MessageKind, bytes: Uint8Array, first: boolean, last: boolean): void {
		this.#incoming ??= new IncomingSide();
		if (first) return this.deliver(this.#incoming.begin(kind, this, bytes, last));
		if (this.#owner.isClosing ? !this.#incoming.hasRoom : !this.#hasRoomFor(bytes.length)) this.#incoming.cut();
		else this.#incoming.goOn(bytes, last);
		this.#watchUnread();
	}

	/** Whether a handler runs, or messages wait for one. */
	get hasWork(): boolean {
		return this.isBusy || (this.#context.handlers.message !== undefined && this.#queue?.isEmpty === false);
	}

	/** Delivers the messages that have waited, as many as the turn has room for. */
	deliverWaiting(): void {
		while (this.#isFree && !this.#isPutOff && !this.#isHeld) {
			const message = this.#queue?.shift();
			if (message === undefined) break;
			this.#owner.handle(message);
			if (this.#isFree && this.#putsOff()) break;
		}
	}

	/** Counts the work for one message. true: the turn is over, and the waiting messages continue in a later one. */
	#putsOff(): boolean {
		if (!this.#context.turn.spendOne() || this.#queue === null || this.#queue.isEmpty) return false;
		this.#putOff();
		return true;
	}

	/** Messages wait for a later turn. `server.close()` waits for them as it waits for a handler. */
	#putOff(): void {
		if (this.#isPutOff) return;
		this.#context.running++;
		this.#context.turn.wait(this);
	}

	get #isPutOff(): boolean {
		return this.#context.turn.waits(this);
	}

	// A loop, and perhaps a handler, does its work for a message later.
	get isLate(): true {
		return true;
	}

	/** Continues in a later turn. */
	pump(): void {
		this.#context.running--;
		const queue = this.#queue;
		if (!this.#isHeld) queue?.give();
		while (!this.#isHeld && queue?.isOwed && !this.#context.turn.spendOne()) queue.give();
		if (queue?.isOwed && !this.#isHeld) this.#putOff();
		this.#owner.goOn();
		this.#context.handlerReturned();
	}

	/** Waits for the promise that a handler has returned. `handled`: the message that the handler was given. */
	waitFor(result: PromiseLike<unknown>, handled: Received | null): void {
		this.isBusy = true;
		this.#context.running++;
		Promise.resolve(result)
			.catch((error: unknown) => this.#owner.handlerFailed(error))
			.then(() => {
				this.#context.running--;
				this.isBusy = false;
				this.handled(handled);
				this.#goOn();
				this.#whenDone?.();
				this.#context.handlerReturned();
			});
	}

	/** The application is done with a message, and no handler runs. */
	#goOn(): void {
		this.doneWithMessage();
		// Without this, handlers whose promises settle at once would take all read-ahead messages in one turn.
		if (!this.#putsOff()) this.#owner.goOn();
	}

	/** The handler has returned: a message that it has not begun to read is discarded. */
	handled(message: Received | null): void {
		if (!(message instanceof IncomingParts)) return;
		message.discardUnread();
		if (!message.isFinished && !this.#owner.hasEnded) this.#reading = message;
	}

	/** The application is done with a message: its handler has returned, or the loop continues. */
	doneWithMessage(): void {
		const { shutDown } = this;
		this.shutDown = null;
		if (shutDown !== null) this.#owner.close(shutDown.code, shutDown.reason);
	}

	/** Discards the waiting messages. */
	clear(): void {
		const queue = this.#queue;
		// Parts are counted until they are discarded.
		for (let next = queue?.shift(); next !== undefined; next = queue?.shift())
			if (next instanceof IncomingParts) next.discard();
	}

	/** No further message comes, and no further part of one. */
	end(): void {
		this.#incoming?.cut();
		this.#queue?.end();
		this.#stopWatch();
		this.#reading = null;
	}

	// ── The loop ───────────────────────────────────────────────────────────────────────────────────────────────

	next(): Promise<IteratorResult<Received, undefined>> {
		if (this.#context.handlers.message !== undefined)
			return Promise.reject(
				new UsageError("ERR_MESSAGE_HANDLER", "this socket has a `message` handler: leave it out to use `for await`"),
			);
		if (this.#isIgnoring)
			return Promise.reject(
				new UsageError(
					"ERR_MESSAGES_DISCARDED",
					"messages were discarded, as more had come than is read ahead, and nobody read them for 2 seconds: begin the loop earlier, and leave it only at the end",
				),
			);
		this.#hasLoop = true;
		this.#stopWatch();
		this.#incoming?.loopGoesOn();
		this.doneWithMessage();
		this.#queue ??= new MessageQueue();
		if (this.#owner.hasEnded) this.#queue.end();
		const next = this.#nextOf(this.#queue);
		this.#whenDone?.();
		if (this.#context.settings.parts) next.then(({ value }) => this.#incoming?.loopGets(value));
		this.#owner.pumpLater();
		return next;
	}

	/** Without this, a loop that never has to wait would take all read-ahead messages in one turn. */
	#nextOf(queue: MessageQueue<Received>): Promise<IteratorResult<Received, undefined>> {
		const isOver = this.#context.turn.spendOne();
		if (this.#isHeld) return queue.wait();
		if (queue.isEmpty || !(isOver || queue.isOwed)) return queue.take();
		this.#putOff();
		return queue.wait();
	}

	leaveLoop(): void {
		this.#incoming?.loopGoesOn();
		// The result of an earlier `next()` is ignored: a message given to it would be lost.
		this.#queue?.release();
		this.#hasLoop = false;
		this.#whenDone?.();
		this.#watchUnread();
		this.#owner.pumpLater();
	}

	// ── Calls from an incoming message ─────────────────────────────────────────────────────────────────────────

	get maxMessageSize(): number {
		return this.#context.settings.framing.maxMessageSize;
	}

	wantPart(): void {
		this.#owner.pumpLater();
	}

	holds(bytes: number): void {
		if (this.#incoming !== null) this.#incoming.held += bytes;
	}

	get turn(): Turn {
		return this.#context.turn;
	}

	decode(bytes: Uint8Array): string {
		const { decodeText } = this.#context.settings;
		return decodeText?.(bytes) ?? decoder.decode(bytes);
	}

	tooBig(): Error {
		return this.#owner.tooBig();
	}

	finished(): void {
		this.#incoming?.finished();
		if (this.#reading?.isFinished) {
			this.#reading = null;
			this.#context.platform.defer(() => this.#goOn());
		}
		this.#whenDone?.();
		this.#owner.pumpLater();
	}

	// ── Moving to another process ──────────────────────────────────────────────────────────────────────────────

	/** Delivers no further whole message. `whenDone`: called when the application is done with one; null: delivers again. */
	hold(whenDone: (() => void) | null): void {
		this.#whenDone = whenDone;
		if (whenDone !== null) return;
		if (this.#queue?.isOwed) this.#putOff();
		this.#owner.goOn();
	}

	// Messages in parts can't be moved, so those that have begun are still delivered.
	get #isHeld(): boolean {
		return this.#whenDone !== null && !this.#context.settings.parts;
	}

	/** Whether the application has no message in its hands, and no message is received in part. */
	get isResting(): boolean {
		const isAwaited = this.#queue?.hasWaiters === true;
		if ((this.isBusy || this.#hasLoop) && !isAwaited) return false;
		if (this.isReceiving || this.#reading !== null) return false;
		return !this.#context.settings.parts || this.#queue === null || this.#queue.isEmpty;
	}

	/** Whether a message in parts is unfinished. */
	get isReceiving(): boolean {
		return this.#incoming?.isUnfinished === true;
	}

	/** The messages that wait, in their order. They stay where they are. */
	get waiting(): readonly Received[] {
		return this.#queue?.messages ?? [];
	}

	/** Puts in the messages that waited in another process. */
	refill(messages: readonly Received[]): void {
		this.#queue ??= new MessageQueue();
		for (const message of messages) this.#queue.push(message, sizeOf(message));
		this.#watchUnread();
	}

	// ── Waiting messages ───────────────────────────────────────────────────────────────────────────────────────

	/** Whether there is a `message` handler that may be called. */
	get #isFree(): boolean {
		return this.#context.handlers.message !== undefined && !this.isBusy && this.#reading === null;
	}

	#keep(message: Received): void {
		this.#queue ??= new MessageQueue();
		if (this.#owner.isClosing ? !this.#queue.hasRoom : !(this.#queue.isAwaited || this.#hasRoomFor(sizeOf(message)))) {
			this.#dropsRest = true;
			return this.handled(message);
		}
		this.#queue.push(message, sizeOf(message));
		this.#watchUnread();
	}

	/** There is no back-pressure on what a stream that is gone has left, and its messages may decompress to a large size. */
	#hasRoomFor(bytes: number): boolean {
		return !this.#owner.isStreamGone || this.held + bytes <= this.#context.settings.maxBufferedBytes;
	}

	/**
	 * If nothing reads the messages, they must not keep pongs and the Close frame from being read. A loop may begin a little
	 * late.
	 */
	#watchUnread(): void {
		if (this.#context.handlers.message !== undefined || this.#hasLoop) return;
		if (this.#cancelWatch !== null || this.hasRoom || this.#owner.isClosing || this.#owner.hasEnded) return;
		this.#cancelWatch = this.#context.platform.setTimer(() => {
			this.#isIgnoring = true;
			this.clear();
			this.#incoming?.discard();
			this.#owner.pump();
		}, UNREAD_TIME);
	}

	#stopWatch(): void {
		this.#cancelWatch?.();
		this.#cancelWatch = null;
	}
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

function sizeOf(message: Received): number {
	if (typeof message === "string") return message.length;
	// A message is a view of a larger buffer only if it makes up at least half of that buffer.
	return message instanceof IncomingParts ? 0 : message.buffer.byteLength;
}
