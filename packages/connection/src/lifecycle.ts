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

/** Where a WebSocket connection stands, and how it came to its end. The tables of states.ts say where an input leads. */
export class Lifecycle {
	outbound: OutboundState = "open";
	inbound: InboundState = "open";
	#stage: ReadyState = "open";
	/** An open connection holds none. */
	#ending: Ending | null = null;

	/** Which side began to end it; null: the end has not begun. */
	get endedBy(): Closed["by"] | null {
		return this.#ending?.by ?? null;
	}

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
		if (input === "close") this.#stage = "closing";
	}

	/** Moves the receiving half. */
	hear(input: InboundInput): void {
		this.inbound = INBOUND_TABLE[this.inbound][input];
	}

	/** The peer's Close frame came, and was answered if there was still a way to. */
	closeReceived(code: number, reason: string): void {
		this.#end().code = code;
		this.#end().reason = reason;
		// Both Close frames were exchanged, unless the stream was gone before this endpoint could send its own.
		this.#stage = this.#stage === "closing" ? "closed" : "closing";
	}

	/** The stream has been cut before this endpoint's Close frame left, if it was to send one. */
	closeNotSent(): void {
		if (this.#stage === "closed") this.#stage = "closing";
		// The peer's has not been read: what was on the way was this endpoint's own.
		else if (this.#stage === "closing" && this.inbound === "open") this.#stage = "open";
	}

	/** Notes who began to end the connection; the first counts. */
	beginEnd(by: Closed["by"]): void {
		// What the peer's bytes tell came before the stream's end, however late they are read.
		const ending = this.#end();
		if (ending.by === null || (ending.by === "stream" && by === "peer")) ending.by = by;
	}

	/** It is ended at once, and not behind all that was sent. */
	endAtOnce(): void {
		this.#end().isAtOnce = true;
	}

	/** The end has begun, by a Close frame behind all that was sent: a slow peer gets it all. */
	get isOrderly(): boolean {
		const ending = this.#ending;
		return ending !== null && ending.failure === null && !ending.isAtOnce && this.outbound !== "finishing";
	}

	fail(failure: ConnectionFailure): void {
		this.#end().failure ??= failure;
	}

	/** The `closed` event, once, when both halves have ended. */
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
		ending.failure = state.failure === null ? null : failureOf(state.failure);
		ending.isAtOnce = state.isAtOnce;
		ending.isTaken = state.closedTaken;
	}

	#end(): Ending {
		this.#ending ??= new Ending();
		return this.#ending;
	}
}

/** What is known of the end of a connection. */
class Ending {
	/** Which side began it. */
	by: Closed["by"] | null = null;
	/** What went wrong first; null: nothing. */
	failure: ConnectionFailure | null = null;
	/** The code and the reason of the peer's Close frame. */
	code: number = ABNORMAL_CLOSURE;
	reason: string = "";
	/** What waited was dropped for the Close frame, or would have been. */
	isAtOnce: boolean = false;
	/** The `closed` event has been given out. */
	isTaken: boolean = false;
}

/** Where a connection stands, as plain data. */
export interface LifecycleState {
	readonly outbound: OutboundState;
	readonly inbound: InboundState;
	readonly stage: ReadyState;
	readonly endedBy: Closed["by"] | null;
	readonly closeCode: number;
	readonly closeReason: string;
	readonly failure: ConnectionFailureKind | null;
	readonly isAtOnce: boolean;
	readonly closedTaken: boolean;
}

const REMEDIES: Readonly<Record<OutboundState, string>> = {
	open: "look at readyState before sending",
	finishing: "close() was called: end the message that has begun, and send nothing else",
	closeSent: "the Close frame is sent: look at readyState before sending",
	ended: "the connection has ended: look at readyState before sending",
};
