import type { MessageEvent } from "@barewire/framing";
import type { HandshakeFailure, UpgradeRequest } from "@barewire/handshake";
import type { BodyFraming, FieldLine, HttpFailure, RequestHead, ResponseHead } from "@barewire/http1";
import type { ConnectionFailure } from "./failure.ts";
import type { Rates } from "./rate-limit.ts";
import type { ReadyState } from "./states.ts";
import type { WebSocketConnection } from "./websocket-connection.ts";

/** A request was received. Answer it with `respond()`. If `upgrade` is not null, `accept()` switches to WebSocket instead. */
export interface RequestReceived {
	readonly type: "request";
	readonly head: RequestHead;
	readonly body: BodyFraming;
	/** The checked opening handshake, or null for an ordinary request. */
	readonly upgrade: UpgradeRequest | null;
	/** The client waits for `sendContinue()` before it sends the body (RFC 9110 §10.1.1). */
	readonly expectsContinue: boolean;
}

/** Bytes of the current HTTP message's body. */
interface BodyReceived {
	readonly type: "body";
	readonly bytes: Uint8Array;
}

/**
 * The current HTTP message is complete, possibly without a body. This event does not follow an opening handshake. A server does not
 * get it after it has answered the request.
 */
interface BodyEnded {
	readonly type: "bodyEnd";
	readonly trailers: readonly FieldLine[];
}

/** The peer broke a rule of HTTP or of the opening handshake, asked for a tunnel, or did not complete its request in time. */
export interface HttpFailed {
	readonly type: "failed";
	readonly failure: HttpFailure | HandshakeFailure | HttpFailure<"connect-not-implemented" | RequestTimeout>;
	/** Whether the server has sent an error response. false if another response was already begun: that response is aborted. */
	readonly answered: boolean;
}

/** The timeouts for a complete request. */
export type RequestTimeout = "handshake-timeout" | "http-idle-timeout" | "body-timeout";

/** The server has switched to WebSocket: the HTTP object has ended, and `connection` continues the stream. */
interface Opened {
	readonly type: "open";
	readonly head: ResponseHead;
	readonly connection: WebSocketConnection;
}

/** The server did not switch to WebSocket: its response and the reason. `body` and `bodyEnd` follow if `head` is not null. */
interface Refused {
	readonly type: "refused";
	readonly head: ResponseHead | null;
	readonly failure: HttpFailure | HandshakeFailure;
}

/** The end of a stream that did not become a WebSocket, exactly once. */
export interface HttpClosed {
	readonly type: "closed";
	/** The timeout or stream failure, or null. */
	readonly failure: ConnectionFailure | null;
}

/** The end of a WebSocket connection, exactly once. */
export interface Closed {
	readonly type: "closed";
	/** RFC 6455 §7.1.5: the code of the Close frame received, 1005 when it had none, 1006 when none was received. */
	readonly code: number;
	readonly reason: string;
	/** Whether both Close frames were exchanged. */
	readonly wasClean: boolean;
	/** The side that began to end the connection. `stream`: neither side, the stream ended or was reset. */
	readonly by: "local" | "peer" | "stream";
	/** The last state of the connection: `closed` if the closing handshake was completed. */
	readonly stage: ReadyState;
	/** The failure, or null. */
	readonly failure: ConnectionFailure | null;
	/**
	 * Bytes of messages that were accepted for sending and never given out by `nextOutput()`, including other output before and
	 * between them. 0: everything was given out. A message that waited for an unfinished message counts 64 bytes more.
	 */
	readonly unsent: number;
}

/** This endpoint failed the connection: the peer violated the protocol, or a time limit was reached. */
export interface Failed {
	readonly type: "failed";
	readonly failure: ConnectionFailure;
}

/** The peer has reached this rate limit. Sent once for each pause: nothing is read until the connection's `nextDeadline`. */
interface Limited {
	readonly type: "limited";
	readonly limit: keyof Rates;
}

export type WebSocketEvent = Exclude<MessageEvent, { type: "failed" }> | Limited | Failed | Closed;
export type Http1ServerEvent = RequestReceived | BodyReceived | BodyEnded | HttpFailed | HttpClosed;
export type Http1ClientEvent = Opened | Refused | BodyReceived | BodyEnded | HttpClosed;
