import { UsageError } from "@barewire/errors";
import type { Closed } from "./events.ts";
import { ABNORMAL_CLOSURE, type ConnectionFailure } from "./failure.ts";
import {
	INBOUND_TABLE,
	type InboundInput,
	type InboundState,
	OUTBOUND_TABLE,
	type OutboundInput,
	type OutboundState,
	type ReadyState,
	readyState,
} from "./states.ts";

/** Where a WebSocket connection stands, and how it came to its end. The tables of states.ts say where an input leads. */
export class Lifecycle {
	outbound: OutboundState = "open";
	inbound: InboundState = "open";
	/** What went wrong first; null: nothing. */
	failure: ConnectionFailure | null = null;
	stage: ReadyState = "open";
	/** Which side began to end it; null: the end has not begun. */
	endedBy: Closed["by"] | null = null;
	closeCode: number = ABNORMAL_CLOSURE;
	closeReason: string = "";
	closedTaken: boolean = false;

	get readyState(): ReadyState {
		return readyState(this.outbound, this.inbound);
	}

	/** Whether that input is allowed now. */
	maySend(input: OutboundInput): boolean {
		return OUTBOUND_TABLE[this.outbound][input] !== "error";
	}

	/** Moves the sending half; throws a `UsageError` (ERR_STATE) when the state does not allow that. */
	send(input: OutboundInput): void {
		const next = OUTBOUND_TABLE[this.outbound][input];
		if (next === "error")
			throw new UsageError(
				"ERR_STATE",
				`cannot send ${input} in the state ${this.outbound}: ${REMEDIES[this.outbound]}`,
			);
		this.outbound = next;
		if (input === "close") this.stage = "closing";
	}

	/** Moves the receiving half. */
	hear(input: InboundInput): void {
		this.inbound = INBOUND_TABLE[this.inbound][input];
	}

	/** The peer's Close frame came, and was answered if there was still a way to. */
	closeReceived(code: number, reason: string): void {
		this.closeCode = code;
		this.closeReason = reason;
		// Both Close frames were exchanged, unless the stream was gone before this endpoint could send its own.
		this.stage = this.stage === "closing" ? "closed" : "closing";
	}

	/** The stream has been cut before this endpoint's Close frame left, if it was to send one. */
	closeNotSent(): void {
		if (this.stage === "closed") this.stage = "closing";
		// The peer's has not been read: what was on the way was this endpoint's own.
		else if (this.stage === "closing" && this.inbound === "open") this.stage = "open";
	}

	/** Notes who began to end the connection; the first counts. */
	beginEnd(by: Closed["by"]): void {
		// What the peer's bytes tell came before the stream's end, however late they are read.
		if (this.endedBy === null || (this.endedBy === "stream" && by === "peer")) this.endedBy = by;
	}

	fail(failure: ConnectionFailure): void {
		this.failure ??= failure;
	}

	/** The `closed` event, once, when both halves have ended. */
	takeClosed(unsent: number): Closed | null {
		if (this.closedTaken || this.readyState !== "closed") return null;
		this.closedTaken = true;
		return {
			type: "closed",
			code: this.closeCode,
			reason: this.closeReason,
			wasClean: this.stage === "closed",
			by: this.endedBy ?? "stream",
			stage: this.stage,
			failure: this.failure,
			unsent,
		};
	}
}

const REMEDIES: Readonly<Record<OutboundState, string>> = {
	open: "look at readyState before sending",
	finishing: "close() was called: end the message that has begun, and send nothing else",
	closeSent: "the Close frame is sent: look at readyState before sending",
	ended: "the connection has ended: look at readyState before sending",
};
