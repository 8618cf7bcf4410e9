import { type ClientRequest, Http1Client, type Http1ClientEvent } from "@barewire/connection";
import { type ResponseHead, withoutConnectionFields } from "@barewire/http1";
import type { Driver, ProtocolOwner } from "./driver.ts";
import { HandshakeError } from "./errors.ts";
import type { Socket } from "./socket.ts";
import { SocketSession } from "./socket-session.ts";

/** At most this much of a refusal's body is kept for the application. */
const MAX_REFUSAL_BODY = 64 * 1024;

/** Receives the result of the opening handshake. */
export interface Outcome<Data> {
	opened(socket: Socket<Data>): void;
	failed(error: Error): void;
}

/** A client's opening handshake on one stream, until a `SocketSession` takes over the stream. */
export class ClientHandshake<Data> implements ProtocolOwner<Http1ClientEvent> {
	readonly speaks = "http";
	readonly #driver: Driver<Data>;
	readonly #http: Http1Client;
	readonly #outcome: Outcome<Data>;
	readonly #data: Data;
	#refusal: { head: ResponseHead; message: string; body: Uint8Array<ArrayBuffer>[]; size: number } | null = null;
	#streamError: Error | null = null;

	/** Throws the errors of `Http1Client` for a request that can't be sent. */
	constructor(driver: Driver<Data>, request: ClientRequest, data: Data, outcome: Outcome<Data>) {
		this.#driver = driver;
		this.#data = data;
		this.#outcome = outcome;
		this.#http = new Http1Client(driver.context.settings, request, driver.now());
		driver.drive(this.#http, this);
		driver.flush();
	}

	get held(): number {
		return this.#refusal === null ? 0 : this.#refusal.size;
	}

	noRoom(): void {
		this.terminate();
	}

	wantsEvent(): boolean {
		return true;
	}

	dispatch(event: Http1ClientEvent): void {
		switch (event.type) {
			case "open":
				return this.#open(new SocketSession(this.#driver, event.connection));
			case "refused":
				if (event.head === null) {
					// The stream has ended in the middle of the head: the `closed` event has the cause.
					if (event.failure.kind === "incomplete-message") return;
					return this.#outcome.failed(new HandshakeError("ERR_HANDSHAKE_INVALID", event.failure.message));
				}
				this.#refusal = { head: event.head, message: event.failure.message, body: [], size: 0 };
				if (event.head.status === 101) this.#refuse();
				return;
			case "body":
				return this.#refusalBody(event.bytes);
			case "bodyEnd":
				return this.#refuse();
			case "closed": {
				this.#refuse();
				const timedOut = event.failure?.kind === "handshake-timeout";
				return this.#outcome.failed(
					timedOut
						? new HandshakeError("ERR_HANDSHAKE_TIMED_OUT", "the server did not answer the opening handshake in time")
						: (this.#streamError ??
								new HandshakeError("ERR_HANDSHAKE_ENDED", "the connection ended before the handshake was complete")),
				);
			}
		}
	}

	outputDrained(): void {}

	streamGone(error: Error | null): void {
		this.#streamError = error;
	}

	shutDown(): void {
		this.terminate();
	}

	terminate(): void {
		this.#http.terminate(this.#driver.now());
		this.#driver.pumpLater();
	}

	stalled(): void {
		this.terminate();
	}

	broke(error: unknown): void {
		this.#outcome.failed(error instanceof Error ? error : new Error("the handshake failed", { cause: error }));
	}

	/** The events of the socket wait until the code that awaits `connect` has continued, through any number of promises. */
	#open(session: SocketSession<Data>): void {
		const { context } = this.#driver;
		context.isConnecting = true;
		context.platform.setTimer(() => session.connected(), 0);
		this.#outcome.opened(session.begin(this.#data));
	}

	#refusalBody(bytes: Uint8Array): void {
		const refusal = this.#refusal;
		if (refusal === null) return;
		const kept = bytes.slice(0, MAX_REFUSAL_BODY - refusal.size);
		refusal.body.push(kept);
		refusal.size += kept.length;
		if (kept.length < bytes.length) this.#refuse();
	}

	#refuse(): void {
		const refusal = this.#refusal;
		if (refusal === null) return;
		this.#refusal = null;
		const { head, message, body, size } = refusal;
		// RFC 6455 §4.1: an answer that is not a correct 101 opens no WebSocket. Redirects are not followed, so that no credentials
		// go to another origin.
		const { status, reason } = head;
		const answer = reason === "" ? `${status}` : `${status} ${reason}`;
		this.#outcome.failed(
			status === 101
				? new HandshakeError("ERR_HANDSHAKE_INVALID", message)
				: new HandshakeError(
						"ERR_HANDSHAKE_REFUSED",
						`the server answered ${answer}, not 101`,
						response(head, body, size),
					),
		);
		this.terminate();
	}
}

/**
 * Returns a web-standard `Response` for the server's answer, which can be passed on; null for a status that the standard
 * does not allow (101, and below).
 */
function response(head: ResponseHead, body: Uint8Array<ArrayBuffer>[], size: number): Response | null {
	if (head.status < 200 || head.status > 599) return null;
	const bodiless = head.status === 204 || head.status === 205 || head.status === 304;
	const headers = new Headers();
	for (const [name, value] of withoutConnectionFields(head.fields)) headers.append(name, value);
	// The body here is not complete.
	if (!bodiless && headers.get("content-length") !== `${size}`) headers.delete("content-length");
	return new Response(bodiless ? null : new Blob(body), { status: head.status, statusText: head.reason, headers });
}
