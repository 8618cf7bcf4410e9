import type { HttpFailure } from "./failure.ts";
import type { FieldLine, RequestHead, ResponseHead } from "./head.ts";

/** How the end of a body is determined. RFC 9112 §6.3. */
export type BodyFraming =
	/** The message ends with its head. */
	| { readonly kind: "none" }
	/** `Content-Length`: that many bytes, possibly 0. */
	| { readonly kind: "length"; readonly length: number }
	/** `Transfer-Encoding: chunked`. */
	| { readonly kind: "chunked" }
	/** The body lasts until the peer closes the connection. Responses only. */
	| { readonly kind: "untilClose" };

/** A part of a body, a view of a received chunk: it is never empty, and it can be split at any position. */
export interface BodyEvent {
	readonly type: "body";
	readonly bytes: Uint8Array;
}

/** The end of a message. It follows every head, even if there is no body. */
export interface BodyEndEvent {
	readonly type: "bodyEnd";
	/** The field lines after a chunked body. Keep them apart from those of the head: RFC 9110 §6.5.1. */
	readonly trailers: readonly FieldLine[];
}

/** The peer broke a rule. This event is returned once; afterwards nothing is parsed. */
export interface FailedEvent {
	readonly type: "failed";
	readonly failure: HttpFailure;
}

export interface RequestHeadEvent {
	readonly type: "request";
	readonly head: RequestHead;
	readonly body: BodyFraming;
	/** The peer allows further requests on this connection. RFC 9112 §9.3. */
	readonly keepAlive: boolean;
	/** The peer waits for a 100 (Continue) before it sends the body. RFC 9110 §10.1.1. */
	readonly expectsContinue: boolean;
}

export interface ResponseHeadEvent {
	readonly type: "response";
	readonly head: ResponseHead;
	readonly body: BodyFraming;
	/** A 1xx other than 101: its `bodyEnd` follows, and then the next response to the same request. */
	readonly interim: boolean;
	/** The peer allows further requests on this connection. false after a 101, because HTTP ends there. */
	readonly keepAlive: boolean;
}

/** The events of a `RequestReader`, in this order: "request", any number of "body", "bodyEnd"; or "failed" at any point. */
export type RequestEvent = RequestHeadEvent | BodyEvent | BodyEndEvent | FailedEvent;

/** The events of a `ResponseReader`, in this order: "response", any number of "body", "bodyEnd"; or "failed" at any point. */
export type ResponseEvent = ResponseHeadEvent | BodyEvent | BodyEndEvent | FailedEvent;
