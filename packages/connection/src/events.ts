import type { MessageEvent } from "@barewire/framing";
import type { HandshakeFailure, UpgradeRequest } from "@barewire/handshake";
import type { BodyFraming, FieldLine, HttpFailure, RequestHead, ResponseHead } from "@barewire/http1";
import type { ConnectionFailure } from "./failure.ts";
import type { Rates } from "./rate-limit.ts";
import type { ReadyState } from "./states.ts";
import type { WebSocketConnection } from "./websocket-connection.ts";

/** A request came. Answer it with `respond()`; when `upgrade` is there, `accept()` switches to WebSocket instead. */
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
 * The current HTTP message is complete, perhaps without a body. It does not follow an opening handshake, and a server
 * that has answered a request is not told of the rest of its body.
 */
interface BodyEnded {
	readonly type: "bodyEnd";
	readonly trailers: readonly FieldLine[];
}

/** The peer broke a rule of HTTP or of the opening handshake, asked for a tunnel, or did not complete its request in time. */
export interface HttpFailed {
	readonly type: "failed";
	readonly failure: HttpFailure | HandshakeFailure | HttpFailure<"connect-not-implemented" | RequestTimeout>;
	/** Whether a server has answered with it. Not where another answer is under way: that one breaks off. */
	readonly answered: boolean;
}

/** The times in which a request must be complete. */
export type RequestTimeout = "handshake-timeout" | "http-idle-timeout" | "body-timeout";

/** The server has switched: the HTTP object has ended, and `connection` goes on with the stream. */
interface Opened {
	readonly type: "open";
	readonly head: ResponseHead;
	readonly connection: WebSocketConnection;
}

/** A server did not switch: what it said, and why that is no switch. `body` and `bodyEnd` follow when `head` is there. */
interface Refused {
	readonly type: "refused";
	readonly head: ResponseHead | null;
	readonly failure: HttpFailure | HandshakeFailure;
}

/** The end of a stream that did not become a WebSocket, exactly once. */
export interface HttpClosed {
	readonly type: "closed";
	/** What went wrong with the time or the stream, or null. */
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
	/** Who began to end it. `stream`: nobody, the stream ended or was reset under it. */
	readonly by: "local" | "peer" | "stream";
	/** How far the connection had come: `closed` when the closing handshake was completed. */
	readonly stage: ReadyState;
	/** What went wrong, or null. */
	readonly failure: ConnectionFailure | null;
	/**
	 * Bytes of messages that were accepted for sending and never given out by `nextOutput()`, with what leaves before and between them. 0: all
	 * of them were. A message that waited behind an unfinished one counts 64 bytes more.
	 */
	readonly unsent: number;
}

/** The connection failed by this endpoint's judgement: a violation of the peer, or time that ran out. */
export interface Failed {
	readonly type: "failed";
	readonly failure: ConnectionFailure;
}

/** The peer has reached that rate. Told once for each pause: nothing is read until the connection's `nextDeadline`. */
interface Limited {
	readonly type: "limited";
	readonly limit: keyof Rates;
}

export type WebSocketEvent = Exclude<MessageEvent, { type: "failed" }> | Limited | Failed | Closed;
export type Http1ServerEvent = RequestReceived | BodyReceived | BodyEnded | HttpFailed | HttpClosed;
export type Http1ClientEvent = Opened | Refused | BodyReceived | BodyEnded | HttpClosed;
