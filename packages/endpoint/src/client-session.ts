import { ClientConnection, type ClientEvent, type ClientRequest, type WebSocketEvent } from "@barewire/connection";
import type { ResponseHead } from "@barewire/http1";
import type { Context } from "./context.ts";
import { HandshakeError } from "./errors.ts";
import { Session } from "./session.ts";
import type { Socket } from "./socket.ts";
import type { ByteStream } from "./stream.ts";

/** So much of a refusal's body is kept for the application. */
const MAX_REFUSAL_BODY = 64 * 1024;

/** How the opening handshake came out. */
export interface Outcome {
	opened(socket: Socket): void;
	failed(error: Error): void;
}

/** A client's connection, from its request to its last byte. */
export class ClientSession extends Session<ClientEvent, undefined> {
	protected override readonly connection: ClientConnection;
	private readonly outcome: Outcome;
	private refusal: { head: ResponseHead; message: string; body: Uint8Array<ArrayBuffer>[]; size: number } | null = null;
	private streamError: Error | null = null;

	constructor(context: Context<undefined>, stream: ByteStream, request: ClientRequest, outcome: Outcome) {
		super(context, stream);
		this.outcome = outcome;
		this.connection = new ClientConnection(context.settings, request, context.platform.now());
		this.flush();
	}

	override closed(error: Error | null): void {
		this.streamError = error;
		super.closed(error);
	}

	protected override dispatch(event: ClientEvent | WebSocketEvent): void {
		switch (event.type) {
			case "open":
				return this.outcome.opened(this.begin(undefined, event.protocol, event.extensions));
			case "refused":
				if (event.head === null) {
					// The stream has ended in the middle: `closed` tells how.
					if (event.rejection.kind === "incomplete-message") return;
					return this.outcome.failed(new HandshakeError("ERR_HANDSHAKE_INVALID", event.rejection.message));
				}
				this.refusal = { head: event.head, message: event.rejection.message, body: [], size: 0 };
				if (event.head.status === 101) this.refuse();
				return;
			case "body":
				return this.refusalBody(event.bytes);
			case "bodyEnd":
				return this.refuse();
			case "closed": {
				if (this.refusal !== null) this.refuse();
				if (this.socket !== null) return this.end(event);
				const timedOut = event.failure?.kind === "handshake-timeout";
				return this.outcome.failed(
					timedOut
						? new HandshakeError("ERR_HANDSHAKE_TIMED_OUT", "the server did not answer the opening handshake in time")
						: (this.streamError ??
								new HandshakeError("ERR_HANDSHAKE_ENDED", "the connection ended before the handshake was complete")),
				);
			}
			default:
				return this.dispatchFrames(event);
		}
	}

	private refusalBody(bytes: Uint8Array): void {
		const { refusal } = this;
		if (refusal === null) return;
		refusal.size += bytes.length;
		if (refusal.size > MAX_REFUSAL_BODY) return this.refuse();
		refusal.body.push(bytes.slice());
	}

	private refuse(): void {
		const { refusal } = this;
		if (refusal === null) return;
		this.refusal = null;
		const { head, message, body } = refusal;
		// RFC 6455 §4.1: whatever is not a correct 101 is no WebSocket; no redirect is followed, so that no credentials go
		// to another origin.
		const { status, reason } = head;
		const answer = reason === "" ? `${status}` : `${status} ${reason}`;
		this.outcome.failed(
			status === 101
				? new HandshakeError("ERR_HANDSHAKE_INVALID", message)
				: new HandshakeError("ERR_HANDSHAKE_REFUSED", `the server answered ${answer}, not 101`, response(head, body)),
		);
		this.terminate();
	}
}

/** A web-standard `Response` of what the server said; null where the standard can't express it (101, and below). */
function response(head: ResponseHead, body: Uint8Array<ArrayBuffer>[]): Response | null {
	if (head.status < 200 || head.status > 599) return null;
	const bodiless = head.status === 204 || head.status === 205 || head.status === 304;
	const headers = new Headers();
	for (const [name, value] of head.fields) headers.append(name, value);
	return new Response(bodiless ? null : new Blob(body), { status: head.status, statusText: head.reason, headers });
}
