import type { Socket as NetSocket } from "node:net";
import type { Duplex } from "node:stream";
import type { Closed, WebSocketEvent } from "@barewire/connection";
import { WebSocketConnection } from "@barewire/connection";
import type { ByteStream, StreamEvents } from "@barewire/endpoint";
import { Driver, type ProtocolOwner } from "@barewire/endpoint/driving";
import type { Extension, Role } from "@barewire/framing";
import { attachSocket } from "@barewire/transport-node/adapter";
import { CountedStream } from "./counted-stream.ts";
import { neverSent } from "./errors.ts";
import { flushWhole, processIsExiting } from "./exit.ts";
import type { Shared } from "./shared.ts";

/** Called when the message has left, or with the reason why it can't. */
export type Sent = (error?: Error) => void;

/** Who is told what happens on the connection. None of these throws. */
export interface SessionListener {
	happened(event: Exclude<WebSocketEvent, Closed>): void;
	/** Called once and last: both the connection and its stream have ended. */
	ended(end: Closed): void;
	/** The connection can't go on, by this side's doing. */
	broke(error: unknown): void;
}

/** What a session begins with. */
export interface SessionStart {
	readonly role: Role;
	readonly protocol: string;
	readonly extensions: readonly Extension[];
	/** Bytes that have come behind the opening handshake. */
	readonly head: Uint8Array;
	readonly shared: Shared;
	/** false: no more than one event in a turn of the loop. */
	readonly isSynchronous: boolean;
}

/** One WebSocket connection on one socket of Node: between the connection's events and the `WebSocket` of the application. */
export class Session implements ProtocolOwner<WebSocketEvent>, StreamEvents {
	readonly speaks = "websocket" as const;
	readonly held = 0;
	readonly #driver: Driver<undefined>;
	readonly #stream: CountedStream;
	readonly #connection: WebSocketConnection;
	readonly #listener: SessionListener;
	readonly #isSynchronous: boolean;
	/** Messages that have a callback, and where in the stream's bytes each ends. */
	#callbacks: { readonly end: number; readonly sent: Sent }[] = [];
	#isPaused = false;
	/** The next event has to wait for a later turn. */
	#rests = false;
	#isStreamGone = false;
	#end: Closed | null = null;

	private constructor(stream: ByteStream, start: SessionStart, listener: SessionListener) {
		const { role, protocol, extensions, head, shared, isSynchronous } = start;
		const { context, settings } = shared;
		this.#listener = listener;
		this.#isSynchronous = isSynchronous;
		this.#stream = new CountedStream(stream);
		this.#driver = new Driver(context, this.#stream);
		const { random } = context.platform;
		// A copy: the chunk is the HTTP server's, and frames are unmasked in place.
		const rest = head.length > 0 ? new Uint8Array(head) : null;
		this.#connection = new WebSocketConnection(
			{ role, protocol, extensions, rest, random },
			settings,
			this.#driver.now(),
		);
		this.#driver.drive(this.#connection, this);
		// Whoever is given the socket adds its listeners first.
		if (rest !== null) setImmediate(() => this.#driver.pump());
	}

	/** Takes the socket over. */
	static begin(socket: Duplex, start: SessionStart, listener: SessionListener): Session {
		const { encrypted = false } = socket as { encrypted?: boolean };
		let session: Session | null = null;
		attachSocket(socket as NetSocket, { local: null, remote: null, secure: encrypted }, (stream) => {
			session = new Session(stream, start, listener);
			return session;
		});
		return session as unknown as Session;
	}

	// ── What the application asks ──────────────────────────────────────────────────────────────────────────────

	/** Whether messages may be sent, and are received. */
	get isOpen(): boolean {
		return this.#connection.readyState === "open";
	}

	get bufferedAmount(): number {
		return this.#driver.bufferedAmount;
	}

	get isPaused(): boolean {
		return this.#isPaused;
	}

	/** A message, or with `last: false` the next fragment of one. */
	send(data: string | Uint8Array, isBinary: boolean, plain: boolean, last: boolean, sent: Sent | undefined): void {
		const connection = this.#connection;
		const kind = isBinary ? "binary" : "text";
		if (!last || connection.awaitsFragments) this.#sendFragment(data, kind, plain, last);
		else if (isBinary) connection.sendBinary(bytesOf(data), plain);
		else if (typeof data === "string") connection.sendText(data, plain);
		else connection.sendUtf8(data, plain);
		this.#leaves(sent);
	}

	#unfinished: "text" | "binary" | null = null;

	#sendFragment(data: string | Uint8Array, kind: "text" | "binary", plain: boolean, last: boolean): void {
		const connection = this.#connection;
		if (!connection.awaitsFragments) {
			connection.beginMessage(kind, plain);
			this.#unfinished = kind;
		}
		// Later fragments are of the first one's kind, whatever they are given as (RFC 6455 §5.4).
		connection.sendFragment(this.#unfinished ?? kind, bytesOf(data), last);
	}

	/** Whole frames. */
	sendFrames(frames: readonly Uint8Array[], sent: Sent | undefined): void {
		this.#connection.sendPrepared(frames.length === 1 ? (frames[0] as Uint8Array) : Buffer.concat(frames));
		this.#leaves(sent);
	}

	ping(payload: Uint8Array, sent: Sent | undefined): void {
		this.#connection.sendPing(payload);
		this.#leaves(sent);
	}

	pong(payload: Uint8Array, sent: Sent | undefined): void {
		this.#connection.sendPong(payload);
		this.#leaves(sent);
	}

	pause(): void {
		this.#isPaused = true;
	}

	resume(): void {
		this.#isPaused = false;
		this.#driver.pumpLater();
	}

	close(code: number | undefined, reason: string): void {
		if (!this.isOpen) return;
		const now = this.#driver.now();
		// ws does not wait for the end of a message that was begun with `fin: false`.
		if (this.#connection.awaitsFragments) this.#connection.closeAtOnce(code ?? 1000, reason, now);
		else this.#connection.close(code, reason, now);
		if (processIsExiting()) flushWhole(this.#driver);
		this.#driver.pumpLater();
	}

	/** Cuts the connection off. What was sent before is given to the system first. */
	cut(): void {
		this.#driver.flush();
		this.terminate();
		this.#driver.pump();
	}

	#leaves(sent: Sent | undefined): void {
		if (sent !== undefined) this.#callbacks.push({ end: this.#stream.given + this.#driver.waiting, sent });
		if (processIsExiting()) flushWhole(this.#driver);
		else this.#driver.flushSoon();
	}

	// ── What the adapter tells ─────────────────────────────────────────────────────────────────────────────────

	received(chunk: Uint8Array): void {
		this.#driver.received(chunk);
	}

	ended(): void {
		this.#driver.ended();
	}

	drained(): void {
		this.#settle(this.#stream.given - this.#stream.bufferedAmount);
		this.#driver.drained();
	}

	closed(error: Error | null): void {
		this.#driver.closed(error);
	}

	// ── What the driver asks ───────────────────────────────────────────────────────────────────────────────────

	wantsEvent(): boolean {
		// Once the stream is gone nothing more can pile up.
		return (!this.#isPaused && !this.#rests) || this.#isStreamGone;
	}

	dispatch(event: WebSocketEvent): void {
		if (event.type === "closed") {
			this.#end = event;
			return this.#tellOfEnd();
		}
		if (!this.#isSynchronous) {
			this.#rests = true;
			setImmediate(() => {
				this.#rests = false;
				this.#driver.pump();
			});
		}
		this.#listener.happened(event);
	}

	outputDrained(): void {
		// Callbacks are called in a later turn with ws: when the process exits there is none.
		if (this.#callbacks.length > 0 && !processIsExiting())
			this.#settle(this.#driver.waiting === 0 ? Infinity : this.#stream.given);
	}

	streamGone(): void {
		this.#isStreamGone = true;
		this.#tellOfEnd();
	}

	terminate(): void {
		this.#connection.terminate(this.#driver.now());
	}

	stalled(): void {
		this.terminate();
	}

	noRoom(): void {
		this.terminate();
	}

	shutDown(code: number, reason: string): void {
		this.close(code, reason);
	}

	broke(error: unknown): void {
		this.#listener.broke(error);
	}

	#tellOfEnd(): void {
		if (this.#end === null || !this.#isStreamGone) return;
		const left = this.#callbacks;
		this.#callbacks = [];
		for (const { sent } of left) sent(neverSent());
		this.#listener.ended(this.#end);
	}

	/** Calls back for all messages that end before this byte of the stream. */
	#settle(taken: number): void {
		const callbacks = this.#callbacks;
		let count = 0;
		while (count < callbacks.length && (callbacks[count] as { end: number }).end <= taken) count++;
		if (count === 0) return;
		for (const { sent } of callbacks.splice(0, count)) sent();
	}
}

const encoder = new TextEncoder();

function bytesOf(data: string | Uint8Array): Uint8Array {
	return typeof data === "string" ? encoder.encode(data) : data;
}
