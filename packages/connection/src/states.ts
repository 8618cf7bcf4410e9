/**
 * The state of the sending half: what an endpoint may still send. `open`: messages. `finishing`: the rest of the message that has
 * begun, then the Close frame. `closeSent`: only control frames, the Close frame was sent. `ended`: nothing, the sending half of
 * the stream has ended.
 */
export type OutboundState = "open" | "finishing" | "closeSent" | "ended";

/** The inputs of the sending half. `fragment` continues a message; `finish` is a Close frame that must wait. */
export type OutboundInput = "data" | "fragment" | "control" | "finish" | "close" | "end";

/**
 * The state of the receiving half. `closeReceived` and `failed` differ in what was read last; both discard further input. `ended`:
 * the peer has ended its sending half, or the stream is closed.
 */
export type InboundState = "open" | "closeReceived" | "failed" | "ended";

/** The inputs of the receiving half. */
export type InboundInput = "close" | "violation" | "end";

/** `error`: the caller must not do that in this state. */
export type OutboundNext = OutboundState | "error";

// RFC 6455 §5.5.1: "The application MUST NOT send any more data frames after sending a Close frame."
// RFC 6455 §1.4: after sending a Close frame a peer "does not send any further data".
/** The sending half: the next state for each state and input. */
export const OUTBOUND_TABLE: Readonly<Record<OutboundState, Readonly<Record<OutboundInput, OutboundNext>>>> = {
	open: {
		data: "open",
		fragment: "open",
		control: "open",
		finish: "finishing",
		close: "closeSent",
		end: "ended",
	},
	finishing: {
		data: "error",
		fragment: "finishing",
		control: "finishing",
		finish: "error",
		close: "closeSent",
		end: "ended",
	},
	closeSent: {
		data: "error",
		fragment: "error",
		control: "closeSent",
		finish: "error",
		close: "error",
		end: "ended",
	},
	ended: { data: "error", fragment: "error", control: "error", finish: "error", close: "error", end: "ended" },
};

// RFC 6455 §1.4: "After receiving a control frame indicating the connection should be closed, a peer discards any further data
// received." RFC 6455 §7.1.7 requires the same after an endpoint has failed the connection.
/** The receiving half: the next state for each state and input. A discarding state that does not change discards the input. */
export const INBOUND_TABLE: Readonly<Record<InboundState, Readonly<Record<InboundInput, InboundState>>>> = {
	open: { close: "closeReceived", violation: "failed", end: "ended" },
	closeReceived: { close: "closeReceived", violation: "closeReceived", end: "ended" },
	failed: { close: "failed", violation: "failed", end: "ended" },
	ended: { close: "ended", violation: "ended", end: "ended" },
};

/** The state of a WebSocket connection, derived from its two halves. */
export type ReadyState = "open" | "closing" | "closed";

/** Derives the state of the connection from its two halves. */
export function readyState(outbound: OutboundState, inbound: InboundState): ReadyState {
	if (outbound === "ended" && inbound === "ended") return "closed";
	return outbound === "open" && inbound === "open" ? "open" : "closing";
}
