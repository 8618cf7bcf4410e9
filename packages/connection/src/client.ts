import { type ClientHandshake, createKey, createRequest, evaluateResponse, offerExtensions } from "@barewire/handshake";
import { encodeRequestHead, type FieldLine, type ResponseEvent, ResponseReader } from "@barewire/http1";
import { Connection } from "./connection.ts";
import type { ClientEvent } from "./events.ts";
import type { ConnectionSettings } from "./settings.ts";

/** What a client asks for. */
export interface ClientRequest {
	/** The Host field: the URL's host, with the port unless it is the scheme's own. */
	readonly host: string;
	/** The request-target: the URL's path and query. */
	readonly target: string;
	readonly protocols?: readonly string[];
	readonly origin?: string;
	/** The application's own fields, such as `cookie` or `authorization`. */
	readonly fields?: readonly FieldLine[];
	/** Fills the array with unpredictable bytes: the key and the masking keys come from it (RFC 6455 §10.3). */
	readonly random: (into: Uint8Array) => void;
}

/** The client's side of one connection: the opening handshake, then frames. */
export class ClientConnection extends Connection<ClientEvent> {
	private responses: ResponseReader | null;
	private readonly handshake: ClientHandshake;
	private readonly random: (into: Uint8Array) => void;
	private refused: boolean = false;

	constructor(settings: ConnectionSettings, request: ClientRequest, now: number) {
		super("client", settings, now);
		const { host, target, protocols, origin, fields, random } = request;
		const { head, handshake } = createRequest({
			host,
			target,
			key: createKey(random),
			extensions: offerExtensions(settings.clientExtensions),
			...(protocols === undefined ? null : { protocols }),
			...(origin === undefined ? null : { origin }),
			...(fields === undefined ? null : { fields }),
		});
		this.random = random;
		this.handshake = handshake;
		this.responses = new ResponseReader(settings.http);
		this.responses.expect("GET");
		this.write(encodeRequestHead(head));
	}

	protected override receiveHttp(chunk: Uint8Array): void {
		this.responses?.receive(chunk);
	}

	protected override receiveHttpEnd(): void {
		this.responses?.receiveEnd();
	}

	protected override get unreadHttp(): number {
		return this.responses?.unread ?? 0;
	}

	protected override nextHttpEvent(): ClientEvent | null {
		while (this.responses !== null) {
			const event = this.responses.next();
			if (event === null) break;
			const taken = this.takeEvent(event);
			if (taken !== null) return taken;
		}
		if (this.endReceived && this.life.inbound === "http") this.inboundEnded();
		return null;
	}

	protected override httpTimerDue(timer: "handshake" | "httpIdle"): void {
		// What the owner has not asked for yet is not the peer's delay.
		if (!this.starved && (this.refused || this.unreadHttp > 0))
			return this.setTimer(timer, this.now + this.settings.timeouts[timer]);
		this.abort("handshake-timeout");
	}

	private takeEvent(event: ResponseEvent): ClientEvent | null {
		switch (event.type) {
			case "response":
				return event.interim ? null : this.takeResponse(event.head);
			case "body":
				return event;
			case "bodyEnd":
				// An interim response (RFC 9110 §15.2) has ended, and the answer follows.
				if (!this.refused) return null;
				// RFC 6455 §4.1: a client that was refused may not go on with this connection as a WebSocket.
				this.giveUp();
				return event;
			case "failed":
				this.giveUp();
				// Inside the body of a refusal: the refusal has been told, the body just ends here.
				if (this.refused) return { type: "bodyEnd", trailers: [] };
				this.refused = true;
				return { type: "refused", head: null, rejection: event.failure };
		}
	}

	// RFC 6455 §4.1: "Once the client's opening handshake has been sent, the client MUST wait for a response from the
	// server before sending any further data."
	private takeResponse(head: Extract<ResponseEvent, { type: "response" }>["head"]): ClientEvent | null {
		const evaluated = evaluateResponse(this.handshake, head, this.settings.clientExtensions);
		if (!evaluated.ok) {
			this.refused = true;
			// A body may follow, and has the handshake's time to come.
			if (head.status === 101) this.giveUp();
			return { type: "refused", head, rejection: evaluated.failure };
		}
		const rest = this.responses?.takeRest() ?? null;
		this.responses = null;
		// The stream went away before the answer was read: there is nobody left to speak with, and `closed` follows.
		if (!this.life.maySend("switch")) return null;
		this.switchToFrames(evaluated.extensions, rest, this.random);
		return {
			type: "open",
			head,
			protocol: evaluated.protocol,
			// Their own names: those that were accepted are parts of the response's head, which they would keep in memory.
			extensions: evaluated.extensions.map(({ name }) => name),
		};
	}

	private giveUp(): void {
		this.responses = null;
		this.stopListening();
		this.endOutbound();
	}
}
