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
	encodeResponseHead,
	type FieldLine,
	type HttpFailure,
	type RequestEvent,
	RequestReader,
	reasonPhrase,
} from "@barewire/http1";
import { Connection } from "./connection.ts";
import type { ServerEvent } from "./events.ts";
import { connectionFailure } from "./failure.ts";
import {
	type AnsweredRequest,
	bodyPieces,
	connectionField,
	delimitBody,
	lastPieces,
	type OutgoingBody,
	type OutgoingResponse,
} from "./outgoing-body.ts";
import type { ConnectionSettings } from "./settings.ts";

/** What an accepted handshake agreed on. */
export interface AcceptedHandshake {
	readonly protocol: string;
	readonly extensions: readonly string[];
}

/** One request and its answer. */
interface Exchange extends AnsweredRequest {
	keepAlive: boolean;
	readonly upgrade: UpgradeRequest | null;
	awaitsContinue: boolean;
	requestComplete: boolean;
	response: OutgoingBody | null;
	responseComplete: boolean;
	/** Bytes of the request's body that came after the response was complete. */
	discarded: number;
}

/** Why a request is refused, as far as the answer tells it. */
interface Refusal extends Pick<HttpFailure | HandshakeFailure, "status" | "message"> {
	readonly fields?: readonly FieldLine[];
}

const TOO_LATE: Refusal = { status: 408, message: "the request was not complete in time" };

/** So much of a body that nobody wants any more is read to keep the connection; beyond that it ends. */
const MAX_DISCARDED_BODY = 256 * 1024;

const CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";

const encoder = new TextEncoder();

/** The server's side of one connection: HTTP exchanges, then perhaps the switch, then frames. */
export class ServerConnection extends Connection<ServerEvent> {
	private requests: RequestReader | null;
	private exchange: Exchange | null = null;

	constructor(settings: ConnectionSettings, now: number) {
		super("server", settings, now);
		this.requests = new RequestReader(settings.http);
	}

	/** Answers `Expect: 100-continue`: the client may send the body. Does nothing when it does not wait, or is gone. */
	sendContinue(): void {
		const exchange = this.exchange;
		if (exchange === null || !exchange.awaitsContinue || exchange.response !== null) return;
		if (!this.life.maySend("message")) return;
		exchange.awaitsContinue = false;
		this.write(encoder.encode(CONTINUE));
	}

	/**
	 * Begins the answer to the current request, and completes it when it has no body.
	 * Throws `UsageError`: ERR_STATE, ERR_STATUS, ERR_FIELD, ERR_CONTENT_LENGTH, and those of `encodeResponseHead`.
	 */
	respond(response: OutgoingResponse, now: number): void {
		this.now = now;
		const exchange = this.currentExchange();
		if (exchange.response !== null) throw new UsageError("ERR_STATE", "the request is being answered already");
		// RFC 9112 §9.6; a refused handshake ends the connection too, because what its sender pipelined behind it may be
		// frames, or somebody else's request on a proxy's connection.
		const ends = response.close || exchange.upgrade !== null || exchange.awaitsContinue;
		const { method, version } = exchange;
		const { head, body, keepAlive } = delimitBody(
			{ method, version, keepAlive: exchange.keepAlive && !ends },
			response,
		);
		this.write(head);
		exchange.response = body;
		exchange.keepAlive = keepAlive;
		if (!response.body) this.endBody([], now);
	}

	/** Sends a part of the response's body. The bytes belong to the caller, who leaves them alone until they are written. */
	sendBody(bytes: Uint8Array): void {
		const { response } = this.currentExchange();
		if (response === null) throw new UsageError("ERR_STATE", "call respond() before sendBody()");
		for (const piece of bodyPieces(response, bytes)) this.write(piece);
	}

	/** Ends the response. Throws `UsageError`: ERR_STATE, ERR_CONTENT_LENGTH. */
	endBody(trailers: readonly FieldLine[], now: number): void {
		this.now = now;
		const exchange = this.currentExchange();
		if (exchange.response === null) throw new UsageError("ERR_STATE", "call respond() before endBody()");
		for (const piece of lastPieces(exchange.response, trailers)) this.write(piece);
		exchange.responseComplete = true;
		if (!exchange.keepAlive || exchange.requestComplete) this.finishExchange(exchange);
	}

	// RFC 6455 §4.2.2: the server's side of the opening handshake.
	/** Accepts the current request's opening handshake: from here on the connection speaks WebSocket. */
	accept(options: { protocol?: string; fields?: readonly FieldLine[] }, now: number): AcceptedHandshake {
		this.now = now;
		const { upgrade, response } = this.currentExchange();
		if (upgrade === null || response !== null)
			throw new UsageError("ERR_STATE", "there is no opening handshake to accept: look at the request's `upgrade`");
		const { extensions, answer } = negotiateExtensions(upgrade.extensions, this.settings.serverExtensions);
		try {
			this.write(encodeResponseHead(createAcceptResponse(upgrade, { ...options, extensions: answer })));
		} catch (error) {
			// Options that can't be sent: nothing has changed, and the request may still be answered.
			for (const extension of extensions) extension.release();
			throw error;
		}
		const rest = this.requests?.takeRest() ?? null;
		this.requests = null;
		this.exchange = null;
		this.switchToFrames(extensions, rest, null);
		// The extensions' own names: those in the answer are parts of the request's head, which they would keep in memory.
		return { protocol: options.protocol ?? "", extensions: extensions.map(({ name }) => name) };
	}

	/** Answers the request under way, if there is one, and no other. */
	shutDown(now: number): void {
		this.now = now;
		if (this.life.outbound !== "http") return;
		if (this.exchange === null || this.exchange.responseComplete) this.giveUp();
		else this.exchange.keepAlive = false;
	}

	protected override receiveHttp(chunk: Uint8Array): void {
		if (this.requests === null || this.life.outbound === "ended") return;
		// A first request is awaited since the connection began, and its first bytes bring no more time.
		if (this.exchange === null && this.requests.idle && !this.timers.isRunning("handshake")) this.awaitHead();
		this.requests.receive(chunk);
	}

	protected override receiveHttpEnd(): void {
		this.requests?.receiveEnd();
	}

	protected override get unreadHttp(): number {
		return this.requests?.unread ?? 0;
	}

	protected override nextHttpEvent(): ServerEvent | null {
		while (this.requests !== null && this.life.outbound !== "ended") {
			if (this.exchange?.requestComplete) return null;
			const event = this.requests.next();
			if (event === null) break;
			const taken = this.takeEvent(event);
			if (taken !== null) return taken;
		}
		if (this.endReceived) this.inboundEnded();
		return null;
	}

	protected override httpTimerDue(timer: "handshake" | "httpIdle"): void {
		const { timeouts } = this.settings;
		const { httpIdle } = timeouts;
		// What the owner has not asked for yet is not the peer's delay.
		if (!this.starved && this.unreadHttp > 0) return this.setTimer(timer, this.now + timeouts[timer]);
		if (timer === "httpIdle") {
			const deadline = this.starved ? this.lastReceived + httpIdle : this.now + httpIdle;
			if (deadline > this.now) return this.setTimer("httpIdle", deadline);
		}
		const silent = this.exchange === null && (this.requests?.idle ?? true);
		this.life.fail(connectionFailure(timer === "handshake" ? "handshake-timeout" : "http-idle-timeout"));
		// RFC 9110 §15.5.9: 408 tells a client that its request was not complete in time; nobody waits for it otherwise.
		if (silent || this.exchange?.response) this.giveUp();
		else this.refuse(TOO_LATE, this.exchange?.method);
	}

	/** One event of the reader: what it means, or null when it is nobody's business. */
	private takeEvent(event: RequestEvent): ServerEvent | null {
		switch (event.type) {
			case "request":
				return this.beginExchange(event);
			case "body":
				if (!this.exchange?.responseComplete) return event;
				this.exchange.discarded += event.bytes.length;
				if (this.exchange.discarded > MAX_DISCARDED_BODY) this.giveUp();
				return null;
			case "bodyEnd": {
				const { exchange } = this;
				if (exchange === null) return null;
				exchange.requestComplete = true;
				this.timers.clear("httpIdle");
				if (!exchange.responseComplete) return exchange.upgrade === null ? event : null;
				this.finishExchange(exchange);
				return null;
			}
			case "failed":
				if (this.exchange?.response) this.giveUp();
				else this.refuse(event.failure, this.exchange?.method);
				return { type: "rejected", rejection: event.failure };
		}
	}

	private beginExchange(event: Extract<RequestEvent, { type: "request" }>): ServerEvent {
		const { head, body, keepAlive, expectsContinue } = event;
		this.timers.clear("handshake");
		this.setTimer("httpIdle", this.now + this.settings.timeouts.httpIdle);
		let upgrade: UpgradeRequest | null = null;
		if (asksForWebSocket(head)) {
			const evaluated = evaluateRequest(head);
			if (!evaluated.ok) {
				this.refuse(evaluated.failure, head.method);
				return { type: "rejected", rejection: evaluated.failure };
			}
			upgrade = evaluated.request;
			// An accepted handshake has no body: the event that says so is taken here, so that frames come next.
			this.requests?.next();
			this.timers.clear("httpIdle");
		}
		this.exchange = {
			method: head.method,
			version: head.version,
			upgrade,
			keepAlive,
			awaitsContinue: expectsContinue,
			requestComplete: upgrade !== null,
			response: null,
			responseComplete: false,
			discarded: 0,
		};
		return { type: "request", head, body, upgrade, expectsContinue };
	}

	private finishExchange(exchange: Exchange): void {
		this.exchange = null;
		if (!exchange.keepAlive) {
			this.life.beginEnd("local");
			return this.endHttp();
		}
		if (this.requests?.idle) this.setTimer("httpIdle", this.now + this.settings.timeouts.httpIdle);
		else this.awaitHead();
	}

	private awaitHead(): void {
		this.timers.clear("httpIdle");
		this.setTimer("handshake", this.now + this.settings.timeouts.handshake);
	}

	private currentExchange(): Exchange {
		if (this.exchange === null || this.exchange.responseComplete)
			throw new UsageError("ERR_STATE", "there is no request to answer: wait for a `request` event");
		return this.exchange;
	}

	// RFC 9112 §9.6 and RFC 9110 §15.5: an answer that tells why, then the end.
	private refuse(refusal: Refusal, method: string | undefined): void {
		const { status, message } = refusal;
		const text = encoder.encode(`${message}\n`);
		// The Connection field is one line, whoever wants something in it.
		const fields = (refusal.fields ?? []).filter(([name]) => name !== "connection");
		fields.push(["content-type", "text/plain; charset=utf-8"], ["content-length", `${text.length}`]);
		fields.push(...connectionField(fields, true, "1.1"));
		this.write(encodeResponseHead({ version: "1.1", status, reason: reasonPhrase(status), fields }));
		// RFC 9110 §9.3.2: "the server MUST NOT send content in the response" to HEAD.
		if (method !== "HEAD") this.write(text);
		this.giveUp();
	}

	/** Reads and answers no more requests. */
	private giveUp(): void {
		this.exchange = null;
		this.stopListening();
		this.endHttp();
	}

	/** No request is read any more: what is unread is let go, and what still comes is discarded. */
	private endHttp(): void {
		this.requests = null;
		this.endOutbound();
	}
}
