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

/** Where a connection stands, and how it came to its end. The tables of states.ts say where an input leads. */
export class Lifecycle {
	outbound: OutboundState = "http";
	inbound: InboundState = "http";
	/** What went wrong first; null: nothing. */
	failure: ConnectionFailure | null = null;
	private stage: ReadyState = "http";
	private endedBy: Closed["by"] | null = null;
	private closeCode: number = ABNORMAL_CLOSURE;
	private closeReason: string = "";
	private closedTaken: boolean = false;

	get readyState(): ReadyState {
		return readyState(this.outbound, this.inbound);
	}

	/** Whether the connection has ever spoken WebSocket. */
	get switched(): boolean {
		return this.stage !== "http";
	}

	/** Whether that input is allowed now. */
	maySend(input: OutboundInput): boolean {
		return OUTBOUND_TABLE[this.outbound][input] !== "misuse";
	}

	/** Moves the sending half; throws a `UsageError` (ERR_STATE) when the state does not allow that. */
	send(input: OutboundInput): void {
		const next = OUTBOUND_TABLE[this.outbound][input];
		if (next === "misuse") throw misuse(input, this.outbound);
		this.outbound = next;
		if (input === "switch") this.stage = "open";
		else if (input === "close") this.stage = "closing";
	}

	/** Moves the receiving half. */
	hear(input: InboundInput): void {
		const next = INBOUND_TABLE[this.inbound][input];
		if (next !== "impossible") this.inbound = next;
	}

	/** The peer's Close frame came, and was answered if there was still a way to. */
	closingHandshakeHeard(code: number, reason: string): void {
		this.closeCode = code;
		this.closeReason = reason;
		// Both Close frames were exchanged, unless the stream was gone before this endpoint could send its own.
		this.stage = this.stage === "closing" ? "closed" : "closing";
	}

	/** Notes who began to end the connection; whoever came first counts. */
	beginEnd(by: Closed["by"]): void {
		// What the peer's bytes tell came before the stream's end, however late they are read.
		if (this.endedBy === null || (this.endedBy === "stream" && by === "peer")) this.endedBy = by;
	}

	/** Whether anybody has begun to end the connection. */
	get ending(): boolean {
		return this.endedBy !== null;
	}

	fail(failure: ConnectionFailure): void {
		this.failure ??= failure;
	}

	/** The `closed` event, once, when both halves have ended. */
	takeClosed(): Closed | null {
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
		};
	}
}

const REMEDIES: Readonly<Record<OutboundState, string>> = {
	http: "the connection still speaks HTTP: wait for the switch to WebSocket",
	open: "the connection speaks WebSocket now: HTTP messages can no longer be sent",
	closeSent: "the Close frame is sent: look at readyState before sending",
	ended: "the connection has ended: look at readyState before sending",
};

function misuse(input: OutboundInput, state: OutboundState): UsageError {
	return new UsageError("ERR_STATE", `cannot send ${input} in the state ${state}: ${REMEDIES[state]}`);
}
