import { UsageError } from "@barewire/errors";
import type { Closed } from "./events.ts";
import { ABNORMAL_CLOSURE, type ConnectionFailure, type ConnectionFailureKind, failureOf } from "./failure.ts";
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

/** The state of a WebSocket connection, and how it ended. The tables of states.ts define the transitions. */
export class Lifecycle {
	outbound: OutboundState = "open";
	inbound: InboundState = "open";
	#stage: ReadyState = "open";
	/** null while the connection is open, to save memory. */
	#ending: Ending | null = null;

	/** The side that began to end the connection. null: the end has not begun. */
	get endedBy(): Closed["by"] | null {
		return this.#ending?.by ?? null;
	}

	get readyState(): ReadyState {
		return readyState(this.outbound, this.inbound);
	}

	/** Whether the input is allowed now. */
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
		if (input === "close") this.#stage = "closing";
	}

	/** Moves the receiving half. */
	hear(input: InboundInput): void {
		this.inbound = INBOUND_TABLE[this.inbound][input];
	}

	/** The peer's Close frame was received. It was answered if the state allowed an answer. */
	closeReceived(code: number, reason: string): void {
		this.#end().code = code;
		this.#end().reason = reason;
		// Both Close frames were exchanged, unless the stream was closed before this endpoint could send its own.
		this.#stage = this.#stage === "closing" ? "closed" : "closing";
	}

	/** The stream was closed before this endpoint's Close frame was sent, if one was due. */
	closeNotSent(): void {
		if (this.#stage === "closed") this.#stage = "closing";
		// The peer's Close frame was not read. The only Close frame was this endpoint's own, and it was not sent.
		else if (this.#stage === "closing" && this.inbound === "open") this.#stage = "open";
	}

	/** Records the side that began to end the connection. The first call counts. */
	beginEnd(by: Closed["by"]): void {
		// The peer's bytes were sent before the stream ended, even if they are read later.
		const ending = this.#end();
		if (ending.by === null || (ending.by === "stream" && by === "peer")) ending.by = by;
	}

	/** The connection ends at once, without waiting for earlier messages. */
	endAtOnce(): void {
		this.#end().isAtOnce = true;
	}

	/** The end has begun with a Close frame after all earlier messages: a slow peer receives all of them. */
	get isOrderly(): boolean {
		const ending = this.#ending;
		return ending !== null && ending.failure === null && !ending.isAtOnce && this.outbound !== "finishing";
	}

	fail(failure: ConnectionFailure): void {
		this.#end().failure ??= failure;
	}

	/** Returns the `closed` event once, when both halves have ended. */
	takeClosed(unsent: number): Closed | null {
		if (this.readyState !== "closed") return null;
		const ending = this.#end();
		if (ending.isTaken) return null;
		ending.isTaken = true;
		return {
			type: "closed",
			code: ending.code,
			reason: ending.reason,
			wasClean: this.#stage === "closed",
			by: ending.by ?? "stream",
			stage: this.#stage,
			failure: ending.failure,
			unsent,
		};
	}

	snapshot(): LifecycleState {
		const { by, failure, code, reason, isAtOnce, isTaken } = this.#ending ?? new Ending();
		return {
			outbound: this.outbound,
			inbound: this.inbound,
			stage: this.#stage,
			endedBy: by,
			closeCode: code,
			closeReason: reason,
			failure: failure?.kind ?? null,
			found: failure?.found ?? null,
			isAtOnce,
			closedTaken: isTaken,
		};
	}

	restore(state: LifecycleState): void {
		this.outbound = state.outbound;
		this.inbound = state.inbound;
		this.#stage = state.stage;
		const ending = this.#end();
		ending.by = state.endedBy;
		ending.code = state.closeCode;
		ending.reason = state.closeReason;
		ending.failure = state.failure === null ? null : failureOf(state.failure, state.found);
		ending.isAtOnce = state.isAtOnce;
		ending.isTaken = state.closedTaken;
	}

	#end(): Ending {
		this.#ending ??= new Ending();
		return this.#ending;
	}
}

/** Information about the end of a connection. */
class Ending {
	/** The side that began it. */
	by: Closed["by"] | null = null;
	/** The first failure. null: no failure. */
	failure: ConnectionFailure | null = null;
	/** The code and the reason of the peer's Close frame. */
	code: number = ABNORMAL_CLOSURE;
	reason: string = "";
	/** Waiting messages were dropped for the Close frame, or would have been. */
	isAtOnce: boolean = false;
	/** The `closed` event has been given out. */
	isTaken: boolean = false;
}

/** The state of a connection as plain data. */
export interface LifecycleState {
	readonly outbound: OutboundState;
	readonly inbound: InboundState;
	readonly stage: ReadyState;
	readonly endedBy: Closed["by"] | null;
	readonly closeCode: number;
	readonly closeReason: string;
	readonly failure: ConnectionFailureKind | null;
	/** The number that broke the rule: see `Failure`. null: the failure has none. */
	readonly found: number | null;
	readonly isAtOnce: boolean;
	readonly closedTaken: boolean;
}

const REMEDIES: Readonly<Record<OutboundState, string>> = {
	open: "look at readyState before sending",
	finishing: "close() was called: end the message that has begun, and send nothing else",
	closeSent: "the Close frame is sent: look at readyState before sending",
	ended: "the connection has ended: look at readyState before sending",
};
