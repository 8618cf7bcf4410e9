import { EventEmitter } from "node:events";
import type { ClientRequest } from "node:http";
import { nextTick } from "node:process";
import type { Duplex } from "node:stream";
import type { Closed, WebSocketEvent } from "@barewire/connection";
import { closePayload } from "@barewire/framing";
import { beginHandshake } from "./client.ts";
import { arrayBufferOf, bufferOf, bytesOf, isBlob } from "./data.ts";
import type { AgreedExtensions } from "./deflate.ts";
import { frameError } from "./errors.ts";
import {
	addListener,
	attributeOf,
	type EventListener,
	type EventType,
	removeListener,
	setAttribute,
} from "./event-target.ts";
import { abortHandshake } from "./failing.ts";
import { type ClientOptions, DEFAULT_SOCKET_OPTIONS } from "./options.ts";
import { Sender } from "./sender.ts";
import { type Sent, Session, type SessionListener } from "./session.ts";
import { type LifeOptions, sharedOf } from "./shared.ts";

const STATES = ["CONNECTING", "OPEN", "CLOSING", "CLOSED"] as const;
const CONNECTING = 0;
const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;

const NO_BYTES = Buffer.alloc(0);

const BINARY_TYPES = ["nodebuffer", "arraybuffer", "fragments", "blob"] as const;
export type BinaryType = (typeof BINARY_TYPES)[number];

/** How one message is sent. */
export interface SendOptions {
	/** Default: whether the data is no string. */
	readonly binary?: boolean | undefined;
	readonly compress?: boolean | undefined;
	/** false: the message goes on with what is sent next. */
	readonly fin?: boolean | undefined;
	/** Of no use here: who masks, RFC 6455 says. */
	readonly mask?: boolean | undefined;
}

/** What `setSocket` is told besides the socket. */
export interface SetSocketOptions extends Partial<LifeOptions> {
	readonly allowSynchronousEvents?: boolean | undefined;
}

/** The client, and what a server gives for each of its clients, with the members of ws. */
export class WebSocket extends EventEmitter {
	static readonly CONNECTING: number = CONNECTING;
	static readonly OPEN: number = OPEN;
	static readonly CLOSING: number = CLOSING;
	static readonly CLOSED: number = CLOSED;
	declare readonly CONNECTING: number;
	declare readonly OPEN: number;
	declare readonly CLOSING: number;
	declare readonly CLOSED: number;

	// Programs use these, though ws calls none of them public.
	_socket: Duplex | null = null;
	_sender: Sender | null = null;
	_req: ClientRequest | null = null;
	_isServer: boolean;
	_protocol: string = "";
	_extensions: AgreedExtensions = {};
	_url: string | undefined = undefined;
	_redirects: number = 0;
	_closeFrameReceived: boolean = false;
	_closeFrameSent: boolean = false;
	_readyState: number = CONNECTING;
	_autoPong: boolean;
	_closeTimeout: number;

	#binaryType: BinaryType = "nodebuffer";
	#session: Session | null = null;
	/** What was to be sent when the socket was no longer open, in bytes. */
	#refused = 0;
	#code = 1006;
	#reason: Buffer = NO_BYTES;
	#hasFailed = false;
	/** What waits for a Blob that is being read; null: none is. */
	#behindBlob: (() => void)[] | null = null;

	/** @param address null: `setSocket` is called later, as a server does. */
	constructor(
		address: string | URL | null,
		protocols: string | readonly string[] | ClientOptions | null | undefined,
		options: ClientOptions | undefined,
	) {
		super();
		const isOptions = typeof protocols === "object" && protocols !== null && !Array.isArray(protocols);
		const given = (isOptions ? protocols : options) as ClientOptions | undefined;
		this._autoPong = given?.autoPong ?? DEFAULT_SOCKET_OPTIONS.autoPong;
		this._closeTimeout = given?.closeTimeout ?? DEFAULT_SOCKET_OPTIONS.closeTimeout;
		this._isServer = address === null;
		if (address === null) return;
		const names = isOptions || protocols === undefined || protocols === null ? [] : protocols;
		beginHandshake(this, address, Array.isArray(names) ? names : [names], given ?? {});
	}

	/** `nodebuffer`, `arraybuffer`, `blob` or `fragments`: what binary messages are given as. Others are ignored. */
	get binaryType(): BinaryType {
		return this.#binaryType;
	}

	set binaryType(type: BinaryType) {
		if (BINARY_TYPES.includes(type)) this.#binaryType = type;
	}

	/** Bytes that were sent here and that the system has not taken yet. */
	get bufferedAmount(): number {
		return this.#refused + (this.#session?.bufferedAmount ?? 0);
	}

	/** The names of the extensions that were agreed on, with commas. */
	get extensions(): string {
		return Object.keys(this._extensions).join();
	}

	get isPaused(): boolean {
		return this.#session?.isPaused ?? false;
	}

	get protocol(): string {
		return this._protocol;
	}

	get readyState(): number {
		// The peer's Close, or the end of the stream, may have been seen without an event.
		if (this._readyState === OPEN && this.#session?.isOpen === false) this._readyState = CLOSING;
		return this._readyState;
	}

	get url(): string | undefined {
		return this._url;
	}

	get onopen(): EventListener {
		return attributeOf(this, "open");
	}

	set onopen(listener: unknown) {
		setAttribute(this, "open", listener);
	}

	get onerror(): EventListener {
		return attributeOf(this, "error");
	}

	set onerror(listener: unknown) {
		setAttribute(this, "error", listener);
	}

	get onclose(): EventListener {
		return attributeOf(this, "close");
	}

	set onclose(listener: unknown) {
		setAttribute(this, "close", listener);
	}

	get onmessage(): EventListener {
		return attributeOf(this, "message");
	}

	set onmessage(listener: unknown) {
		setAttribute(this, "message", listener);
	}

	addEventListener(type: EventType, listener: EventListener, options: { readonly once?: boolean } = {}): void {
		addListener(this, type, listener, { once: options.once === true });
	}

	removeEventListener(type: EventType, listener: EventListener): void {
		removeListener(this, type, listener);
	}

	/** Begins on a socket whose opening handshake is done. `head`: what has come behind it. */
	setSocket(socket: Duplex, head: Uint8Array, options: SetSocketOptions = {}): void {
		const { allowSynchronousEvents = true } = options;
		this._socket = socket;
		const { setTimeout, setNoDelay } = socket as Partial<Record<"setTimeout" | "setNoDelay", () => void>>;
		setTimeout?.call(socket, ...([0] as unknown as []));
		setNoDelay?.call(socket);
		// RFC 6455 §7.1.1: a half-open stream is what the closing handshake ends with.
		socket.allowHalfOpen = true;
		this.#session = Session.begin(
			socket,
			{
				role: this._isServer ? "server" : "client",
				protocol: this._protocol,
				extensions: Object.values(this._extensions).map(({ extension }) => extension),
				head,
				shared: sharedOf({
					maxPayload: options.maxPayload ?? 0,
					maxFragments: options.maxFragments ?? 0,
					skipUTF8Validation: options.skipUTF8Validation ?? false,
					autoPong: this._autoPong,
					closeTimeout: this._closeTimeout,
				}),
				isSynchronous: allowSynchronousEvents,
			},
			this.#listener(),
		);
		this._sender = new Sender((frames, sent) => this.#sendFrames(frames, sent));
		this._readyState = OPEN;
		this.#tell("open");
	}

	/** Sends a message. `callback` is called when it has left, or with the reason why it can't. */
	send(data: unknown, options?: SendOptions | Sent | null, callback?: Sent): void {
		this.#requireConnected();
		const sent = typeof options === "function" ? options : callback;
		const given = typeof options === "function" ? null : options;
		const message = typeof data === "number" ? String(data) : data;
		if (this.readyState !== OPEN) return this.#refuse(message, sent);
		const { binary = typeof message !== "string", compress = true, fin = true } = given ?? {};
		if (isBlob(message)) return this.#sendBlob(message, binary, compress, fin, sent);
		const payload = typeof message === "string" ? message : bytesOf(message);
		this.#inOrder(sent, (session) => session.send(payload, binary, !compress, fin, sent));
	}

	ping(data?: unknown, mask?: boolean | Sent, callback?: Sent): void {
		this.#control("ping", data, mask, callback);
	}

	pong(data?: unknown, mask?: boolean | Sent, callback?: Sent): void {
		this.#control("pong", data, mask, callback);
	}

	/** No message is given out until `resume`. */
	pause(): void {
		if (this.readyState !== CONNECTING && this.readyState !== CLOSED) this.#session?.pause();
	}

	resume(): void {
		if (this.readyState !== CONNECTING && this.readyState !== CLOSED) this.#session?.resume();
	}

	/** Begins the closing handshake. */
	close(code?: number, reason?: string | Uint8Array): void {
		const { readyState } = this;
		if (readyState === CLOSED) return;
		if (readyState === CONNECTING) {
			if (this._req !== null) abortHandshake(this, this._req, NOT_ESTABLISHED);
			return;
		}
		if (readyState === CLOSING) return;
		const text = closeReason(code, reason);
		this._readyState = CLOSING;
		this._closeFrameSent = true;
		this.#inOrder(undefined, (session) => session.close(code, text));
	}

	/** Cuts the connection off. */
	terminate(): void {
		const { readyState } = this;
		if (readyState === CLOSED) return;
		if (readyState === CONNECTING) {
			if (this._req !== null) abortHandshake(this, this._req, NOT_ESTABLISHED);
			return;
		}
		this._readyState = CLOSING;
		this.#session?.cut();
	}

	/** For the end of a connection that has never been open. */
	emitClose(): void {
		this._readyState = CLOSED;
		this.#tell("close", this.#code, this.#reason);
	}

	#requireConnected(): void {
		if (this.readyState === CONNECTING) throw new Error(notOpen(CONNECTING));
	}

	#control(kind: "ping" | "pong", data: unknown, mask: boolean | Sent | undefined, callback: Sent | undefined): void {
		this.#requireConnected();
		const [payload, sent] =
			typeof data === "function" ? [undefined, data as Sent] : [data, typeof mask === "function" ? mask : callback];
		if (this.readyState !== OPEN) return this.#refuse(payload, sent);
		const bytes = bytesOf(payload);
		if (bytes.length > 125) throw new RangeError("The data size must not be greater than 125 bytes");
		this.#inOrder(sent, (session) => session[kind](bytes, sent));
	}

	#sendFrames(frames: readonly Uint8Array[], sent: Sent | undefined): void {
		if (this.readyState !== OPEN) return this.#refuse(frames[0], sent);
		this.#inOrder(sent, (session) => session.sendFrames(frames, sent));
	}

	/** Not open any more: what was to be sent counts as waiting, as in a browser. */
	#refuse(data: unknown, sent: Sent | undefined): void {
		this.#refused += isBlob(data) ? data.size : bytesOf(data).length;
		if (sent !== undefined) nextTick(sent, new Error(notOpen(this.readyState)));
	}

	/** Acts at once, or behind a Blob that is being read. */
	#inOrder(sent: Sent | undefined, act: (session: Session) => void): void {
		const session = this.#session;
		if (session === null) return;
		if (this.#behindBlob === null) return act(session);
		this.#behindBlob.push(() => {
			if (session.isOpen) act(session);
			else sent?.(new Error(GONE_BEFORE_READ));
		});
	}

	#sendBlob(blob: Blob, binary: boolean, compress: boolean, fin: boolean, sent: Sent | undefined): void {
		this.#inOrder(sent, (session) => {
			const waiting: (() => void)[] = [];
			this.#behindBlob = waiting;
			const goOn = (act: () => void): void => {
				this.#behindBlob = null;
				act();
				// One of these may be a Blob too: the others wait for that.
				for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
					if (this.#behindBlob !== null) (this.#behindBlob as (() => void)[]).push(next);
					else next();
				}
			};
			blob.arrayBuffer().then(
				(buffer) =>
					goOn(() => {
						if (session.isOpen) session.send(new Uint8Array(buffer), binary, !compress, fin, sent);
						else sent?.(new Error(GONE_BEFORE_READ));
					}),
				(error: unknown) =>
					goOn(() => {
						this.#tell("error", error);
						sent?.(error as Error);
					}),
			);
		});
	}

	#listener(): SessionListener {
		return {
			happened: (event) => this.#happened(event),
			ended: (end) => this.#ended(end),
			broke: (error) => this.#tell("error", error),
		};
	}

	#happened(event: Exclude<WebSocketEvent, Closed>): void {
		switch (event.type) {
			case "utf8":
				return this.#tell("message", bufferOf(event.bytes), false);
			case "binary":
				return this.#tell("message", this.#binary(event.bytes), true);
			case "ping":
				return this.#tell("ping", bufferOf(event.payload));
			case "pong":
				return this.#tell("pong", bufferOf(event.payload));
			case "close":
				this._readyState = CLOSING;
				this._closeFrameReceived = true;
				this._closeFrameSent = true;
				this.#code = event.code;
				this.#reason = Buffer.from(event.reason);
				return;
			case "failed":
				this._readyState = CLOSING;
				this._closeFrameSent = true;
				if (this.#hasFailed) return;
				this.#hasFailed = true;
				// No time limit but that of the closing handshake is set, and that one raises no event.
				return this.#tell("error", frameError(event.failure as Parameters<typeof frameError>[0]));
		}
	}

	#ended(_end: Closed): void {
		this._readyState = CLOSED;
		this.#tell("close", this.#code, this.#reason);
	}

	#binary(bytes: Uint8Array): unknown {
		switch (this.#binaryType) {
			case "nodebuffer":
				return bufferOf(bytes);
			case "arraybuffer":
				return arrayBufferOf(bytes);
			case "fragments":
				return [bufferOf(bytes)];
			case "blob":
				return new Blob([bytes as Uint8Array<ArrayBuffer>]);
		}
	}

	/**
	 * What a listener throws, and an `error` that nobody listens for, ends the process as with ws: as an exception that nobody has caught. The
	 * connection's own work goes on meanwhile.
	 */
	#tell(name: string, ...args: unknown[]): void {
		try {
			this.emit(name, ...args);
		} catch (error) {
			nextTick(() => {
				throw error;
			});
		}
	}
}

for (const [value, name] of STATES.entries()) {
	const constant = { configurable: false, enumerable: true, writable: false, value };
	Object.defineProperty(WebSocket, name, constant);
	Object.defineProperty(WebSocket.prototype, name, constant);
}
for (const name of [
	"binaryType",
	"bufferedAmount",
	"extensions",
	"isPaused",
	"protocol",
	"readyState",
	"url",
	"onopen",
	"onerror",
	"onclose",
	"onmessage",
])
	Object.defineProperty(WebSocket.prototype, name, { enumerable: true });

/** What is told of a Blob, and of what waits behind it. */
const GONE_BEFORE_READ = "The socket was closed while the blob was being read";
const NOT_ESTABLISHED = "WebSocket was closed before the connection was established";

function notOpen(readyState: number): string {
	return `WebSocket is not open: readyState ${readyState} (${STATES[readyState]})`;
}

/** The reason as text. A code or a reason that can't be sent throws what ws throws. */
function closeReason(code: number | undefined, reason: string | Uint8Array | undefined): string {
	if (code === undefined) return "";
	try {
		closePayload(code);
	} catch {
		throw new TypeError("First argument must be a valid error code number");
	}
	if (!reason?.length) return "";
	requireShort(reason);
	if (typeof reason === "string") return reason;
	if (!(reason instanceof Uint8Array)) throw new TypeError("Second argument must be a string or a Uint8Array");
	// Bytes that are no UTF-8 become longer as text.
	const text = bufferOf(reason).toString();
	requireShort(text);
	return text;
}

function requireShort(reason: string | Uint8Array): void {
	if (Buffer.byteLength(reason) > 123) throw new RangeError("The message must not be greater than 123 bytes");
}
