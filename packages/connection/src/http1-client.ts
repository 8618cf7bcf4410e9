import { UsageError } from "@barewire/errors";
import { type ClientHandshake, createKey, createRequest, evaluateResponse, offerExtensions } from "@barewire/handshake";
import { encodeRequestHead, type FieldLine, type ResponseEvent, ResponseReader } from "@barewire/http1";
import type { Http1ClientEvent } from "./events.ts";
import { HttpStream, type HttpTimer } from "./http-stream.ts";
import type { Protocol, StreamAction } from "./protocol.ts";
import type { ConnectionSettings } from "./settings.ts";
import { WebSocketConnection } from "./websocket-connection.ts";

/** The request of a client. */
export interface ClientRequest {
	/** The Host field: the host of the URL, with the port unless it is the default port of the scheme. */
	readonly host: string;
	/** The request-target: the URL's path and query. */
	readonly target: string;
	readonly protocols?: readonly string[] | undefined;
	readonly origin?: string | undefined;
	/** The application's own fields, such as `cookie` or `authorization`. */
	readonly fields?: readonly FieldLine[] | undefined;
}

/**
 * The client's side of HTTP/1.1 on one stream: one opening handshake. Its `open` event contains the `WebSocketConnection` that
 * replaces this object.
 */
export class Http1Client implements Protocol<Http1ClientEvent> {
	readonly #settings: ConnectionSettings;
	readonly #stream: HttpStream;
	readonly #handshake: ClientHandshake;
	#responses: ResponseReader | null;
	#isRefused: boolean = false;

	/**
	 * The key of the handshake is made with `random` of the settings. Throws a `UsageError`: ERR_RANDOM_REQUIRED, and those of
	 * `createRequest`.
	 */
	constructor(settings: ConnectionSettings, request: ClientRequest, now: number) {
		const { host, target, protocols, origin, fields } = request;
		const { random } = settings;
		if (random === null) throw new UsageError("ERR_RANDOM_REQUIRED", "a client needs settings with `random`");
		const { head, handshake } = createRequest({
			host,
			target,
			key: createKey(random),
			extensions: offerExtensions(settings.clientExtensions),
			...(protocols === undefined ? null : { protocols }),
			...(origin === undefined ? null : { origin }),
			...(fields === undefined ? null : { fields }),
		});
		this.#settings = settings;
		this.#handshake = handshake;
		this.#responses = new ResponseReader(settings.http);
		this.#responses.expect("GET");
		this.#stream = new HttpStream(settings.timeouts, now);
		this.#stream.write(encodeRequestHead(head));
	}

	// ── Inputs ─────────────────────────────────────────────────────────────────────────────────────────────────

	receive(chunk: Uint8Array, now: number): void {
		if (this.#stream.received(chunk, now)) this.#responses?.receive(chunk);
	}

	receiveEnd(now: number): void {
		this.#stream.now = now;
		this.#stream.endReceived = true;
		this.#responses?.receiveEnd();
	}

	receiveReset(now: number): void {
		this.#stream.reset(now);
		this.#responses?.receiveEnd();
	}

	handleTimeout(now: number): void {
		const { timers } = this.#stream;
		this.#stream.now = now;
		for (let due = timers.takeDue(now); due !== null; due = timers.takeDue(now)) this.#timerDue(due);
	}

	noteProgress(now: number): void {
		this.#stream.noteProgress(now);
	}

	restReading(now: number): void {
		this.#stream.now = now;
		this.#stream.restReading();
	}

	// ── Outputs ────────────────────────────────────────────────────────────────────────────────────────────────

	nextEvent(): Http1ClientEvent | null {
		const event = this.#takeNextEvent();
		this.#stream.noteAsked(event === null);
		return event;
	}

	/** Each event is a small piece of work. */
	get hasMore(): boolean {
		return false;
	}

	get outputIsWork(): boolean {
		return false;
	}

	nextOutput(): Uint8Array | null {
		return this.#stream.next();
	}

	get nextDeadline(): number {
		return this.#stream.timers.next;
	}

	get streamAction(): StreamAction {
		return this.#stream.action;
	}

	get unread(): number {
		return this.#stream.isListening ? (this.#responses?.unread ?? 0) : 0;
	}

	get bufferedAmount(): number {
		return this.#stream.bufferedAmount;
	}

	get held(): number {
		return this.#stream.held + (this.#responses?.held ?? 0);
	}

	get heldOutput(): number {
		return this.#stream.held;
	}

	// Connections never share these arrays.
	get pieces(): readonly Uint8Array[] {
		return [];
	}

	// The size of a head is limited, and a body is given out as it is received.
	get unfinished(): number {
		return 0;
	}

	/** Drops the connection at once. */
	terminate(now: number): void {
		this.#stream.now = now;
		this.#stream.abort(null);
	}

	// ── Responses ──────────────────────────────────────────────────────────────────────────────────────────────

	#takeNextEvent(): Http1ClientEvent | null {
		const stream = this.#stream;
		while (stream.isListening && this.#responses !== null) {
			const event = this.#responses.next();
			if (event === null) break;
			const taken = this.#takeEvent(event);
			if (taken !== null) return taken;
		}
		if (stream.endReceived) stream.endInbound();
		return stream.takeClosed();
	}

	#timerDue(timer: HttpTimer): void {
		const stream = this.#stream;
		// Bytes that the owner has not read yet are not a delay of the peer.
		const isUnread = stream.isResting || (!stream.eventsDrained && (this.#isRefused || this.unread > 0));
		if (timer !== "closing" && isUnread) return stream.start(timer);
		stream.abort(timer === "closing" ? "closing-timeout" : "handshake-timeout");
	}

	#takeEvent(event: ResponseEvent): Http1ClientEvent | null {
		switch (event.type) {
			case "response":
				return event.interim ? null : this.#takeResponse(event.head);
			case "body":
				return event;
			case "bodyEnd":
				// An interim response (RFC 9110 §15.2) has ended, and the final response follows.
				if (!this.#isRefused) return null;
				// RFC 6455 §4.1: after a rejected handshake, the client may not use this connection as a WebSocket.
				this.#giveUp();
				return event;
			case "failed":
				this.#giveUp();
				// The failure is inside the body of a rejecting response. The rejection was already reported, so only the body ends here.
				if (this.#isRefused) return { type: "bodyEnd", trailers: [] };
				this.#isRefused = true;
				return { type: "refused", head: null, failure: event.failure };
		}
	}

	// RFC 6455 §4.1: "Once the client's opening handshake has been sent, the client MUST wait for a response from the
	// server before sending any further data."
	#takeResponse(head: Extract<ResponseEvent, { type: "response" }>["head"]): Http1ClientEvent | null {
		const evaluated = evaluateResponse(this.#handshake, head, this.#settings.clientExtensions);
		if (!evaluated.ok) {
			this.#isRefused = true;
			// A body may follow. It must be received before the handshake's deadline.
			if (head.status === 101) this.#giveUp();
			return { type: "refused", head, failure: evaluated.failure };
		}
		const { protocol, extensions } = evaluated;
		// The stream closed before the response was read: nothing can be sent, and `closed` follows.
		if (this.#stream.isOutboundEnded) {
			for (const extension of extensions) extension.release();
			this.#responses = null;
			return null;
		}
		const rest = this.#responses?.takeRest() ?? null;
		this.#responses = null;
		const { endReceived, now } = this.#stream;
		const { random } = this.#settings;
		const connection = new WebSocketConnection(
			{
				role: "client",
				protocol,
				extensions,
				rest,
				output: this.#stream.switch(),
				...(random === null ? null : { random }),
			},
			this.#settings,
			now,
		);
		if (endReceived) connection.receiveEnd(now);
		return { type: "open", head, connection };
	}

	#giveUp(): void {
		this.#responses = null;
		this.#stream.isListening = false;
		this.#stream.endOutbound();
	}
}
