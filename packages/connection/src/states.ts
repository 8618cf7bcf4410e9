/**
 * What an endpoint may still send. `open`: messages. `finishing`: the rest of the message that has begun, then the Close
 * frame. `closeSent`: control frames only, the Close frame is out. `ended`: nothing, the sending half of the stream is
 * finished.
 */
export type OutboundState = "open" | "finishing" | "closeSent" | "ended";

/** What moves the outbound half. `fragment` goes on with a message; `finish` is a Close frame that has to wait. */
export type OutboundInput = "data" | "fragment" | "control" | "finish" | "close" | "end";

/**
 * What an endpoint still listens to. `closeReceived` and `failed` differ in what was read last; both discard what else
 * comes. `ended`: the peer has finished its sending half, or the stream is gone.
 */
export type InboundState = "open" | "closeReceived" | "failed" | "ended";

/** What moves the inbound half. */
export type InboundInput = "close" | "violation" | "end";

/** `error`: the caller must not do that in this state. */
export type OutboundNext = OutboundState | "error";

// RFC 6455 §5.5.1: "The application MUST NOT send any more data frames after sending a Close frame."
// RFC 6455 §1.4: after sending a Close frame a peer "does not send any further data".
/** The sending half: for each state, what each input leads to. */
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

// RFC 6455 §1.4: "After receiving a control frame indicating the connection should be closed, a peer discards any
// further data received." RFC 6455 §7.1.7 asks the same of an endpoint that has failed the connection.
/** The receiving half: for each state, what each input leads to. Staying in a discarding state is the discarding. */
export const INBOUND_TABLE: Readonly<Record<InboundState, Readonly<Record<InboundInput, InboundState>>>> = {
	open: { close: "closeReceived", violation: "failed", end: "ended" },
	closeReceived: { close: "closeReceived", violation: "closeReceived", end: "ended" },
	failed: { close: "failed", violation: "failed", end: "ended" },
	ended: { close: "ended", violation: "ended", end: "ended" },
};

/** Where a WebSocket connection stands, derived from its two halves. */
export type ReadyState = "open" | "closing" | "closed";

/** The connection's state as its two halves make it. */
export function readyState(outbound: OutboundState, inbound: InboundState): ReadyState {
	if (outbound === "ended" && inbound === "ended") return "closed";
	return outbound === "open" && inbound === "open" ? "open" : "closing";
}
