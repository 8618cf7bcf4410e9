/**
 * What an endpoint may still send. `http`: HTTP messages, before the switch. `open`: frames. `closeSent`: control frames
 * only, its Close frame is out. `ended`: nothing, the sending half of the stream is finished.
 */
export type OutboundState = "http" | "open" | "closeSent" | "ended";

/** What moves the outbound half. */
export type OutboundInput = "message" | "switch" | "data" | "control" | "close" | "end";

/**
 * What an endpoint still listens to. `closeReceived` and `failed` differ in what was the last thing heard; both discard
 * whatever else comes. `ended`: the peer has finished its sending half, or the stream is gone.
 */
export type InboundState = "http" | "open" | "closeReceived" | "failed" | "ended";

/** What moves the inbound half. */
export type InboundInput = "message" | "switch" | "frame" | "close" | "violation" | "end";

/** `misuse`: the input is the caller's mistake in that state. */
export type OutboundNext = OutboundState | "misuse";

/** `impossible`: the state does not parse what would make that input. */
export type InboundNext = InboundState | "impossible";

// RFC 6455 §5.5.1: "The application MUST NOT send any more data frames after sending a Close frame."
// RFC 6455 §1.4: after sending a Close frame a peer "does not send any further data".
/** The sending half: for each state, what each input leads to. */
export const OUTBOUND_TABLE: Readonly<Record<OutboundState, Readonly<Record<OutboundInput, OutboundNext>>>> = {
	http: { message: "http", switch: "open", data: "misuse", control: "misuse", close: "misuse", end: "ended" },
	open: { message: "misuse", switch: "misuse", data: "open", control: "open", close: "closeSent", end: "ended" },
	closeSent: {
		message: "misuse",
		switch: "misuse",
		data: "misuse",
		control: "closeSent",
		close: "misuse",
		end: "ended",
	},
	ended: { message: "misuse", switch: "misuse", data: "misuse", control: "misuse", close: "misuse", end: "ended" },
};

// RFC 6455 §1.4: "After receiving a control frame indicating the connection should be closed, a peer discards any
// further data received." RFC 6455 §7.1.7 asks the same of an endpoint that has failed the connection.
/** The receiving half: for each state, what each input leads to. Staying in a discarding state is the discarding. */
export const INBOUND_TABLE: Readonly<Record<InboundState, Readonly<Record<InboundInput, InboundNext>>>> = {
	http: {
		message: "http",
		switch: "open",
		frame: "impossible",
		close: "impossible",
		violation: "failed",
		end: "ended",
	},
	open: {
		message: "impossible",
		switch: "impossible",
		frame: "open",
		close: "closeReceived",
		violation: "failed",
		end: "ended",
	},
	closeReceived: {
		message: "impossible",
		switch: "impossible",
		frame: "closeReceived",
		close: "closeReceived",
		violation: "closeReceived",
		end: "ended",
	},
	failed: {
		message: "impossible",
		switch: "impossible",
		frame: "failed",
		close: "failed",
		violation: "failed",
		end: "ended",
	},
	ended: {
		message: "impossible",
		switch: "impossible",
		frame: "ended",
		close: "ended",
		violation: "ended",
		end: "ended",
	},
};

/** Where a connection stands, derived from its two halves. */
export type ReadyState = "http" | "open" | "closing" | "closed";

/** The connection's state as its two halves make it. */
export function readyState(outbound: OutboundState, inbound: InboundState): ReadyState {
	if (outbound === "ended" && inbound === "ended") return "closed";
	if (outbound === "http" && inbound === "http") return "http";
	if (outbound === "open" && inbound === "open") return "open";
	return "closing";
}
