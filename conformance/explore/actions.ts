import type { WebSocketConnection } from "@barewire/connection";
import type { Role } from "@barewire/framing";
import { frame, frameFor } from "../suite/wire-frames.ts";
import type { Frame } from "./hearing.ts";

/** What a command gives to send, once it is accepted. */
export type Sent = "message" | "begin" | "fragment" | "lastFragment";

/**
 * One thing that happens to a connection. `receive`: bytes of the peer. `stream`: what else the driver tells. `time`: the clock
 * goes to the next deadline. `command`: a call of the owner, which may be refused. `nothing`: the rule of the driver alone.
 */
export interface Action {
	readonly name: string;
	readonly kind: "receive" | "stream" | "time" | "command" | "nothing";
	readonly sends: Sent | null;
	/** What comes of the peer. */
	readonly frame: Frame | null;
	apply(connection: WebSocketConnection, now: number): void;
}

const A = Uint8Array.of(0x61);
const NO_BYTES = new Uint8Array(0);

/** `first`: FIN and opcode. */
function receive(name: string, comes: Frame, first: number, payload: Uint8Array): Action {
	const bytes: Record<Role, Uint8Array> = {
		server: frameFor("server", frame(first, payload)),
		client: frameFor("client", frame(first, payload)),
	};
	// A copy: the connection takes the chunk over.
	return {
		name,
		kind: "receive",
		sends: null,
		frame: comes,
		apply: (connection, now) => connection.receive(bytes[connection.role].slice(), now),
	};
}

function command(name: string, apply: Action["apply"], sends: Sent | null = null): Action {
	return { name, kind: "command", sends, frame: null, apply };
}

export const RECEIVE_TEXT: Action = receive("text", "text", 0x81, A);
export const RECEIVE_FIRST: Action = receive("first fragment", "first", 0x01, A);
export const RECEIVE_LAST: Action = receive("last fragment", "last", 0x80, A);
export const RECEIVE_PING: Action = receive("ping", "ping", 0x89, NO_BYTES);
export const RECEIVE_PONG: Action = receive("pong", "pong", 0x8a, NO_BYTES);
export const RECEIVE_CLOSE: Action = receive("Close", "close", 0x88, Uint8Array.of(0x03, 0xe8));
export const RECEIVE_EMPTY_CLOSE: Action = receive("empty Close", "close", 0x88, NO_BYTES);
/** An opcode that nobody has defined. */
export const RECEIVE_VIOLATION: Action = receive("violation", "violation", 0x83, NO_BYTES);

export const END: Action = {
	name: "END",
	kind: "stream",
	sends: null,
	frame: null,
	apply: (connection, now) => connection.receiveEnd(now),
};
export const RESET: Action = {
	name: "reset",
	kind: "stream",
	sends: null,
	frame: null,
	apply: (connection, now) => connection.receiveReset(now),
};
export const PROGRESS: Action = {
	name: "progress",
	kind: "stream",
	sends: null,
	frame: null,
	apply: (connection, now) => connection.noteProgress(now),
};
export const TIME: Action = {
	name: "time",
	kind: "time",
	sends: null,
	frame: null,
	apply: (connection, now) => connection.handleTimeout(now),
};
export const NOTHING: Action = { name: "nothing", kind: "nothing", sends: null, frame: null, apply: () => {} };

export const SEND_TEXT: Action = command("sendText()", (connection) => connection.sendText("a"), "message");
export const BEGIN_MESSAGE: Action = command(
	"beginMessage()",
	(connection) => connection.beginMessage("text"),
	"begin",
);
export const SEND_FIRST: Action = command(
	"sendFragment()",
	(connection) => connection.sendFragment("text", A, false),
	"fragment",
);
export const SEND_LAST: Action = command(
	"sendFragment(last)",
	(connection) => connection.sendFragment("text", A, true),
	"lastFragment",
);
export const SEND_PING: Action = command("sendPing()", (connection) => connection.sendPing(NO_BYTES));
export const CLOSE: Action = command("close()", (connection, now) => connection.close(1000, undefined, now));
export const CLOSE_AT_ONCE: Action = command("closeAtOnce()", (connection, now) =>
	connection.closeAtOnce(1011, "", now),
);
export const TERMINATE: Action = command("terminate()", (connection, now) => connection.terminate(now));
