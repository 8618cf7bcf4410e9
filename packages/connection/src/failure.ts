import { type Failure, type FailureKind, FRAME_FAILURES, frameFailure } from "@barewire/framing";

/** The time limits that can be reached. */
export type TimeoutKind =
	| "handshake-timeout"
	| "http-idle-timeout"
	| "body-timeout"
	| "keepalive-timeout"
	| "message-timeout"
	| "closing-timeout"
	| "stalled-timeout";

/** Failures of the stream below a connection. */
type StreamFailureKind = "stream-reset" | "stream-ended";

/** Failures because of too little memory on this side. */
type RoomFailureKind = "no-room";

/** Every kind of failure after the switch to WebSocket, and the timeouts and stream failures before it. */
export type ConnectionFailureKind = FailureKind | TimeoutKind | StreamFailureKind | RoomFailureKind;

/** The kinds that are not failures of a frame. */
type OwnFailureKind = Exclude<ConnectionFailureKind, FailureKind>;

/** A failure. `code` is the resulting close code; `section` is the section that contains the rule. */
export interface ConnectionFailure {
	readonly kind: ConnectionFailureKind;
	readonly code: Failure["code"];
	readonly section: string;
	readonly message: string;
	/** The number that broke the rule of a frame: see `Failure`. */
	readonly found?: number;
}

/** Close code 1006 is never sent (RFC 6455 §7.4.1). It means "no Close frame was received". */
export const ABNORMAL_CLOSURE = 1006;

/** Close code 1005 is never sent (RFC 6455 §7.4.1). It means "the Close frame had no code". */
export const NO_STATUS_RECEIVED = 1005;

const CONNECTION_FAILURES: Readonly<Record<OwnFailureKind, Omit<ConnectionFailure, "kind" | "found">>> = {
	"handshake-timeout": {
		code: ABNORMAL_CLOSURE,
		section: "RFC 9110 §15.5.9",
		message: "the head of the HTTP message was not complete in time",
	},
	"http-idle-timeout": {
		code: ABNORMAL_CLOSURE,
		section: "RFC 9112 §9.5",
		message: "the peer was silent for too long between or inside HTTP messages",
	},
	"body-timeout": {
		code: ABNORMAL_CLOSURE,
		section: "RFC 9110 §15.5.9",
		message: "the body of the request came too slowly",
	},
	// RFC 6455 §7.4.1, 1011: "it encountered an unexpected condition that prevented it from fulfilling the request".
	"keepalive-timeout": {
		code: 1011,
		section: "RFC 6455 §5.5.2",
		message: "nothing came from the peer in answer to a keepalive ping",
	},
	// RFC 6455 §7.4.1, 1008: "it has received a message that violates its policy".
	"message-timeout": {
		code: 1008,
		section: "RFC 6455 §7.4.1",
		message: "the rest of an unfinished message came too slowly",
	},
	"closing-timeout": {
		code: ABNORMAL_CLOSURE,
		section: "RFC 6455 §7.1.1",
		message: "the connection was closed, and the peer did not end the stream in time",
	},
	// RFC 9293 §3.8.6.1: "A TCP implementation MAY keep its offered receive window closed indefinitely".
	"stalled-timeout": {
		code: ABNORMAL_CLOSURE,
		section: "RFC 9293 §3.8.6.1",
		message: "the peer took nothing of the output that waits for it, for too long",
	},
	// The registry of RFC 6455 §11.7 defines 1013, "Try Again Later".
	"no-room": {
		code: 1013,
		section: "RFC 6455 §11.7",
		message: "there is no room for what the connection holds: try again later",
	},
	"stream-reset": { code: ABNORMAL_CLOSURE, section: "RFC 6455 §7.1.5", message: "the connection was reset" },
	"stream-ended": {
		code: ABNORMAL_CLOSURE,
		section: "RFC 6455 §7.1.5",
		message: "the peer ended the connection without a Close frame",
	},
};

/** Returns the failure of this kind, not of a frame. */
export function connectionFailure(kind: OwnFailureKind): ConnectionFailure {
	return { kind, ...CONNECTION_FAILURES[kind] };
}

/** Returns the failure of any kind. */
export function failureOf(kind: ConnectionFailureKind, found: number | null = null): ConnectionFailure {
	return isFrameFailure(kind) ? frameFailure(kind, found ?? undefined) : connectionFailure(kind);
}

/** Whether it is the name of a failure. */
export function isFailureKind(kind: string): kind is ConnectionFailureKind {
	return Object.hasOwn(FRAME_FAILURES, kind) || Object.hasOwn(CONNECTION_FAILURES, kind);
}

function isFrameFailure(kind: ConnectionFailureKind): kind is FailureKind {
	return Object.hasOwn(FRAME_FAILURES, kind);
}
