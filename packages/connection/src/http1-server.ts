import { UsageError } from "@barewire/errors";
import {
	asksForWebSocket,
	createAcceptResponse,
	evaluateRequest,
	type HandshakeFailure,
	negotiateExtensions,
	type UpgradeRequest,
} from "@barewire/handshake";
import {
	type BodyFraming,
	encodeResponseHead,
	type FieldLine,
	type HttpFailure,
	httpFailureBy,
	type RequestEvent,
	type RequestHead,
	RequestReader,
	reasonPhrase,
} from "@barewire/http1";
import type { Http1ServerEvent, HttpFailed, RequestTimeout } from "./events.ts";
import type { ConnectionFailure } from "./failure.ts";
import { HttpStream, type HttpTimer } from "./http-stream.ts";
import {
	type AnsweredRequest,
	beginResponse,
	bodyPieces,
	connectionField,
	lastPieces,
	type OutgoingBody,
	type OutgoingResponse,
} from "./outgoing-body.ts";
import type { Protocol, StreamAction } from "./protocol.ts";
import type { ConnectionSettings } from "./settings.ts";
import { WebSocketConnection } from "./websocket-connection.ts";

/** One request and its response. */
interface Exchange extends AnsweredRequest {
	keepAlive: boolean;
	readonly upgrade: UpgradeRequest | null;
	awaitsContinue: boolean;
	/** Bytes of the request's body that may still be received. Infinity: unknown. */
	restOfBody: number;
	requestComplete: boolean;
	response: OutgoingBody | null;
	responseComplete: boolean;
	/** Bytes of the request's body that were received after the response was complete. */
	discarded: number;
}

/** Why a request is rejected, as far as the response contains it. */
interface AnsweredFailure extends Pick<HttpFailure | HandshakeFailure, "status" | "message"> {
	readonly fields?: readonly FieldLine[] | undefined;
}

// RFC 9110 §9.3.6: "Any 2xx (Successful) response indicates that the sender (and all inbound proxies) will switch to tunnel mode
// immediately after the response header section". A proxy in front of the server would forward the following bytes without parsing
// them. §9.1: a method that is not implemented is answered with 501.
const TUNNEL_REFUSED = "connect-not-implemented";

/** At most this many bytes of a body are read after its response is complete, to keep the connection. Beyond that the connection ends. */
const MAX_DISCARDED_BODY = 256 * 1024;

/** The failure when a timer is due while a request is awaited. */
const TIMEOUTS = {
	handshake: "handshake-timeout",
	httpIdle: "http-idle-timeout",
	body: "body-timeout",
} as const satisfies Partial<Record<HttpTimer, ConnectionFailure["kind"]>>;

const CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";

const encoder = new TextEncoder();

/**
 * The server's side of HTTP/1.1 on one stream: requests and responses, until the stream ends or `accept()` replaces this object
 * with a `WebSocketConnection`.
 */
export class Http1Server implements Protocol<Http1ServerEvent> {
	readonly #settings: ConnectionSettings;
	readonly #stream: HttpStream;
	#requests: RequestReader | null;
	#exchange: Exchange | null = null;
	/** An event that was not caused by received bytes. */
	#raised: HttpFailed | null = null;
	/** No request is answered after the current one. */
	#isLast: boolean = false;

	constructor(settings: ConnectionSettings, now: number) {
		this.#settings = settings;
		this.#stream = new HttpStream(settings.timeouts, now);
		this.#requests = new RequestReader(settings.http);
	}

	// ── Inputs ─────────────────────────────────────────────────────────────────────────────────────────────────

	receive(chunk: Uint8Array, now: number): void {
		const stream = this.#stream;
		if (!stream.received(chunk, now) || this.#requests === null || stream.isOutboundEnded) return;
		// The timer for the first request starts with the connection. The first bytes do not restart it.
		if (this.#exchange === null && this.#requests.idle && !stream.timers.isRunning("handshake")) this.#awaitHead();
		this.#requests.receive(chunk);
	}

	/**
	 * Takes the head of a request that another parser has read, before any bytes are received. Pass the bytes after the head to
	 * `receive`. It is the last request on this connection. Throws `UsageError`: ERR_STATE.
	 */
	receiveHead(head: RequestHead, now: number): void {
		if (this.#requests === null) throw new UsageError("ERR_STATE", "the connection has ended: no request can begin");
		this.#stream.now = now;
		this.#requests.receiveHead(head);
		this.#isLast = true;
	}

	receiveEnd(now: number): void {
		this.#stream.now = now;
		this.#stream.endReceived = true;
		this.#requests?.receiveEnd();
		this.#watchHalfOpen();
	}

	receiveReset(now: number): void {
		this.#stream.reset(now);
		this.#requests?.receiveEnd();
	}

	handleTimeout(now: number, isCongested: boolean = false): void {
		const { timers } = this.#stream;
		this.#stream.now = now;
		for (let due = timers.takeDue(now); due !== null; due = timers.takeDue(now)) this.#timerDue(due, isCongested);
	}

	noteProgress(now: number): void {
		this.#stream.noteProgress(now);
	}

	restReading(now: number): void {
		this.#stream.now = now;
		this.#stream.restReading();
	}

	// ── Outputs ────────────────────────────────────────────────────────────────────────────────────────────────

	nextEvent(): Http1ServerEvent | null {
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
		return this.#stream.isListening ? (this.#requests?.unread ?? 0) : 0;
	}

	get bufferedAmount(): number {
		return this.#stream.bufferedAmount;
	}

	get held(): number {
		return this.#stream.held + (this.#requests?.held ?? 0);
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

	/** Whether a response can be sent. false after the end, and after `accept()`. */
	get isOpen(): boolean {
		return !this.#stream.isOutboundEnded;
	}

	/** Whether the client has ended its half and all its bytes are read: a WebSocket connection would end at once. */
	get isHalfClosed(): boolean {
		return this.#stream.endReceived && this.unread === 0;
	}

	/** The timeout or stream failure, or null: the same as in `closed`. */
	get failure(): ConnectionFailure | null {
		return this.#stream.failure;
	}

	// ── Commands ───────────────────────────────────────────────────────────────────────────────────────────────

	/**
	 * Answers `Expect: 100-continue`: the client may send the body. Does nothing when the client does not wait, or has disconnected.
	 */
	sendContinue(): void {
		const exchange = this.#exchange;
		if (exchange === null || !exchange.awaitsContinue || exchange.response !== null || !this.isOpen) return;
		exchange.awaitsContinue = false;
		this.#stream.write(encoder.encode(CONTINUE));
	}

	/**
	 * Begins the response to the current request, and completes it unless its body is sent separately.
	 * Throws `UsageError`: ERR_STATE, ERR_STATUS, ERR_FIELD, ERR_CONTENT_LENGTH, ERR_INVALID_PAYLOAD, ERR_TRANSFERRED, and those of
	 * `encodeResponseHead`.
	 */
	respond(response: OutgoingResponse, now: number): void {
		this.#stream.now = now;
		const exchange = this.#currentExchange();
		if (exchange.response !== null) throw new UsageError("ERR_STATE", "the request is being answered already");
		// RFC 9112 §9.6; a rejected handshake ends the connection too, because the bytes after it may be frames, or another client's
		// request on a proxy's connection. Also, if the connection will end in the middle of the request's body, the response must not
		// promise to keep it open, or the client's next request is lost.
		const isLeft = !response.readsOn && exchange.restOfBody > MAX_DISCARDED_BODY;
		const ends = response.close || isLeft || exchange.upgrade !== null || exchange.awaitsContinue;
		const { method, version } = exchange;
		const { head, rest, body, keepAlive } = beginResponse(
			{ method, version, keepAlive: exchange.keepAlive && !ends },
			response,
		);
		exchange.response = body;
		exchange.keepAlive = keepAlive;
		this.#stream.write(head);
		if (rest !== null) this.#stream.write(rest);
		if (response.body !== true) this.endBody([], now);
	}

	/** Sends a part of the response's body. The bytes are sent without a copy: do not change them until they are written. */
	sendBody(bytes: Uint8Array): void {
		const { response } = this.#currentExchange();
		if (response === null) throw new UsageError("ERR_STATE", "call respond() before sendBody()");
		for (const piece of bodyPieces(response, bytes)) this.#stream.write(piece);
	}

	/** Ends the response. Throws `UsageError`: ERR_STATE, ERR_CONTENT_LENGTH. */
	endBody(trailers: readonly FieldLine[], now: number): void {
		this.#stream.now = now;
		const exchange = this.#currentExchange();
		if (exchange.response === null) throw new UsageError("ERR_STATE", "call respond() before endBody()");
		for (const piece of lastPieces(exchange.response, trailers)) this.#stream.write(piece);
		exchange.responseComplete = true;
		if (!exchange.keepAlive || exchange.requestComplete) this.#finishExchange(exchange);
	}

	// RFC 6455 §4.2.2: the server's side of the opening handshake.
	/**
	 * Accepts the current request's opening handshake. This object ends here. The returned connection continues the stream. It takes
	 * over the bytes received after the head and the output that has not been taken, with the 101 response last.
	 * Throws `UsageError`: ERR_STATE, and those of `createAcceptResponse`.
	 */
	accept(options: { protocol?: string; fields?: readonly FieldLine[] }, now: number): WebSocketConnection {
		const { upgrade, response } = this.#currentExchange();
		if (upgrade === null || response !== null)
			throw new UsageError("ERR_STATE", "there is no opening handshake to accept: look at the request's `upgrade`");
		const { protocol = "" } = options;
		const { extensions, answer } = negotiateExtensions(upgrade.extensions, this.#settings.serverExtensions);
		try {
			this.#stream.write(encodeResponseHead(createAcceptResponse(upgrade, { ...options, extensions: answer })));
		} catch (error) {
			// The options can't be sent. Nothing has changed, and the request can still be answered.
			for (const extension of extensions) extension.release();
			throw error;
		}
		const rest = this.#requests?.takeRest() ?? null;
		this.#requests = null;
		this.#exchange = null;
		const connection = new WebSocketConnection(
			{ role: "server", protocol, extensions, rest, output: this.#stream.switch() },
			this.#settings,
			now,
		);
		if (this.#stream.endReceived) connection.receiveEnd(now);
		return connection;
	}

	/** Answers the current request, if there is one, and no further requests. */
	shutDown(now: number): void {
		this.#stream.now = now;
		if (!this.isOpen) return;
		if (this.#exchange === null || this.#exchange.responseComplete) this.#giveUp(true);
		else this.#exchange.keepAlive = false;
	}

	/** Drops the connection at once. */
	terminate(now: number): void {
		this.#stream.now = now;
		this.#cut();
	}

	// ── Requests ───────────────────────────────────────────────────────────────────────────────────────────────

	#takeNextEvent(): Http1ServerEvent | null {
		const stream = this.#stream;
		const raised = this.#raised;
		if (raised !== null) {
			this.#raised = null;
			return raised;
		}
		while (stream.isListening && this.#requests !== null && !stream.isOutboundEnded) {
			if (this.#exchange?.requestComplete) return null;
			const event = this.#requests.next();
			if (event === null) break;
			const taken = this.#takeEvent(event);
			if (taken !== null) return taken;
		}
		if (stream.endReceived) stream.endInbound();
		return stream.takeClosed();
	}

	#timerDue(timer: HttpTimer, isCongested: boolean): void {
		const stream = this.#stream;
		if (timer === "closing" && stream.restClosing(isCongested)) return;
		if (timer === "closing") return stream.abort("closing-timeout");
		if (timer === "halfOpen") return this.#cut();
		// Bytes that the owner has not read yet are not a delay of the peer.
		if (stream.isResting || (!stream.eventsDrained && this.unread > 0)) return stream.start(timer);
		if (timer === "httpIdle") {
			const { httpIdle } = this.#settings.timeouts;
			const deadline = stream.eventsDrained ? stream.lastReceived + httpIdle : stream.now + httpIdle;
			if (deadline > stream.now) return stream.timers.set("httpIdle", deadline);
		}
		const silent = this.#exchange === null && (this.#requests?.idle ?? true);
		const kind = TIMEOUTS[timer];
		stream.fail(kind);
		// RFC 9110 §15.5.9: 408 means that the request was not complete in time. In the other cases the client does not wait for a response.
		if (silent || this.#exchange?.response) return this.#giveUp();
		const failure = tooLate(kind);
		this.#raised = { type: "failed", failure, answered: true };
		this.#refuse(failure, this.#requests?.method);
	}

	/** Converts an event of the reader. null: there is nothing to report to the owner. */
	#takeEvent(event: RequestEvent): Http1ServerEvent | null {
		switch (event.type) {
			case "request":
				return this.#beginExchange(event);
			case "body":
				this.#stream.noteBody(event.bytes.length);
				if (!this.#exchange?.responseComplete) {
					if (this.#exchange !== null) this.#exchange.restOfBody -= event.bytes.length;
					this.#watchHalfOpen();
					return event;
				}
				this.#exchange.discarded += event.bytes.length;
				if (this.#exchange.discarded > MAX_DISCARDED_BODY) this.#giveUp();
				return null;
			case "bodyEnd": {
				const exchange = this.#exchange;
				if (exchange === null) return null;
				exchange.requestComplete = true;
				exchange.restOfBody = 0;
				this.#stream.timers.clear("httpIdle");
				this.#stream.endBody();
				this.#watchHalfOpen();
				if (!exchange.responseComplete) return exchange.upgrade === null ? event : null;
				this.#finishExchange(exchange);
				return null;
			}
			case "failed": {
				const { failure } = event;
				const answered = !this.#exchange?.response;
				if (answered) this.#refuse(failure, this.#requests?.method);
				else this.#giveUp();
				return { type: "failed", failure, answered };
			}
		}
	}

	#beginExchange(event: Extract<RequestEvent, { type: "request" }>): Http1ServerEvent {
		const { head, body, keepAlive, expectsContinue } = event;
		this.#stream.timers.clear("handshake");
		this.#stream.start("httpIdle");
		let upgrade: UpgradeRequest | null = null;
		if (asksForWebSocket(head)) {
			const evaluated = evaluateRequest(head);
			if (!evaluated.ok) {
				this.#refuse(evaluated.failure, head.method);
				return { type: "failed", failure: evaluated.failure, answered: true };
			}
			upgrade = evaluated.request;
			// An accepted handshake has no body: the `bodyEnd` event is taken here, so that frames come next.
			this.#requests?.next();
			this.#stream.timers.clear("httpIdle");
		}
		if (head.method === "CONNECT") {
			const failure = httpFailureBy([[501, 9110, "9.3.6", TUNNEL_REFUSED]], TUNNEL_REFUSED);
			this.#refuse(failure, head.method);
			return { type: "failed", failure, answered: true };
		}
		this.#exchange = {
			method: head.method,
			version: head.version,
			upgrade,
			keepAlive: keepAlive && !this.#isLast,
			awaitsContinue: expectsContinue,
			restOfBody: lengthOf(body),
			requestComplete: upgrade !== null,
			response: null,
			responseComplete: false,
			discarded: 0,
		};
		// If a client waits for a 100 response, its body timer starts with its first byte.
		if (body.kind !== "none" && !expectsContinue) this.#stream.noteBody(0);
		this.#watchHalfOpen();
		return { type: "request", head, body, upgrade, expectsContinue };
	}

	// RFC 9112 §9.6 lets a client end its half and wait for the answer. Few clients do this. A client that has disconnected looks the
	// same, and work for it is wasted. While the application still reads earlier parts of the request, each part restarts the timer.
	#watchHalfOpen(): void {
		const isAwaited = this.isOpen && this.#exchange?.responseComplete === false;
		if (isAwaited && this.#stream.endReceived) this.#stream.start("halfOpen");
	}

	#finishExchange(exchange: Exchange): void {
		this.#exchange = null;
		this.#stream.timers.clear("halfOpen");
		if (!exchange.keepAlive) return this.#endHttp(true);
		if (this.#requests?.idle) this.#stream.start("httpIdle");
		else this.#awaitHead();
	}

	#awaitHead(): void {
		this.#stream.timers.clear("httpIdle");
		this.#stream.start("handshake");
	}

	#currentExchange(): Exchange {
		if (this.#exchange === null || this.#exchange.responseComplete)
			throw new UsageError("ERR_STATE", "there is no request to answer: wait for a `request` event");
		return this.#exchange;
	}

	// RFC 9112 §9.6 and RFC 9110 §15.5: a response with the reason, then the end.
	#refuse(failure: AnsweredFailure, method: string | undefined): void {
		const { status, message } = failure;
		const text = encoder.encode(`${message}\n`);
		// All connection options are in one Connection field.
		const fields = (failure.fields ?? []).filter(([name]) => name !== "connection");
		fields.push(["content-type", "text/plain; charset=utf-8"], ["content-length", `${text.length}`]);
		const connection = connectionField(fields, true, "1.1");
		if (connection !== null) fields.push(connection);
		const head = { version: "1.1", status, reason: reasonPhrase(status), fields } as const;
		// RFC 9110 §9.3.2: "the server MUST NOT send content in the response" to HEAD.
		this.#stream.write(encodeResponseHead(head, method === "HEAD" ? undefined : text));
		this.#giveUp();
	}

	/** Closes the stream at once, possibly in the middle of a response. */
	#cut(): void {
		const answer = this.#exchange?.response ?? null;
		this.#stream.abort(null, answer !== null && !this.#exchange?.responseComplete);
	}

	/** Stops reading and answering requests. `isOrderly`: after complete responses. */
	#giveUp(isOrderly: boolean = false): void {
		// RFC 9112 §8: a response that is "terminated by closure of the connection … is considered complete unless an error was
		// indicated by the underlying connection".
		if (this.#exchange?.response?.framing === "untilClose" && !this.#exchange.responseComplete) this.#cut();
		this.#exchange = null;
		this.#stream.isListening = false;
		this.#endHttp(isOrderly);
	}

	/** Stops reading requests. Unread bytes, and bytes that are received later, are discarded. */
	#endHttp(isOrderly: boolean): void {
		this.#requests = null;
		this.#stream.endOutbound(isOrderly);
	}
}

function tooLate(kind: RequestTimeout): HttpFailure<RequestTimeout> {
	return { kind, status: 408, section: "RFC 9110 §15.5.9", message: "the request was not complete in time" };
}

function lengthOf(body: BodyFraming): number {
	if (body.kind === "none") return 0;
	return body.kind === "length" ? body.length : Number.POSITIVE_INFINITY;
}
