import type { Role } from "@barewire/framing";
import { frameIn } from "../suite/wire-frames.ts";
import type { Sent } from "./actions.ts";
import type { Outcome } from "./drive.ts";

/**
 * What has been seen of a connection so far, as far as it binds what may still be seen. It is a part of the state: two ways to
 * the same snapshot may differ in it.
 */
export interface History {
	/** Data frames that were accepted and have not come out. */
	readonly owed: number;
	/** Messages that were begun in fragments and have not ended. */
	readonly begun: number;
	/** A fragment has come out, and not the last one of its message. */
	readonly inMessage: boolean;
	/** A Close frame has come out. */
	readonly closeSent: boolean;
	/** `close` or `failed` was told. */
	readonly over: boolean;
	/** `closed` was told. */
	readonly closed: boolean;
}

export const NO_HISTORY: History = {
	owed: 0,
	begun: 0,
	inMessage: false,
	closeSent: false,
	over: false,
	closed: false,
};

/** Of a connection that has told its end: nothing counts any more. */
const CLOSED: History = { ...NO_HISTORY, closed: true };

export function historyKey({ owed, begun, inMessage, closeSent, over, closed }: History): string {
	return `${owed},${begun},${inMessage ? 1 : 0}${closeSent ? 1 : 0}${over ? 1 : 0}${closed ? 1 : 0}`;
}

/** The history after a step. Throws where the step does not go with it. */
export function goOn(before: History, role: Role, sends: Sent | null, outcome: Outcome): History {
	const { events, early, output, refused } = outcome;
	if (before.closed) {
		must(events.length === 0, "an event came behind `closed`");
		must(output.length === 0, "output came behind `closed`");
		return before;
	}
	const after = frames(accepted(before, refused === null ? sends : null), role, output);
	let { over } = after;
	for (const [at, event] of events.entries()) {
		if (event.type === "closed") {
			must(at === events.length - 1, "an event came behind `closed`");
			must(at >= early || output.length === 0, "output came behind `closed`");
			must(after.owed === 0 || event.unsent > 0, "a message was lost, and `closed` does not tell");
			must(after.owed > 0 || after.begun > 0 || event.unsent === 0, "`closed` tells of a loss that was none");
			// A stream that is cut loses a Close frame that has not been taken.
			must(!event.wasClean || after.closeSent, "it was clean, and Close never came out");
			return CLOSED;
		}
		must(!over, `\`${event.type}\` came behind the end of the messages`);
		over = event.type === "close" || event.type === "failed";
	}
	return over === after.over ? after : { ...after, over };
}

function accepted(before: History, sends: Sent | null): History {
	const { owed, begun } = before;
	switch (sends) {
		case null:
			return before;
		case "message":
			return { ...before, owed: owed + 1 };
		case "begin":
			return { ...before, begun: begun + 1 };
		case "fragment":
			return { ...before, owed: owed + 1, begun: Math.max(begun, 1) };
		case "lastFragment":
			return { ...before, owed: owed + 1, begun: Math.max(begun - 1, 0) };
	}
}

/** Reads whole frames: where the output was taken, it ends with one. */
function frames(before: History, role: Role, output: Uint8Array): History {
	if (output.length === 0) return before;
	let { owed, inMessage, closeSent } = before;
	for (let at = 0; at < output.length; ) {
		const found = frameIn(role, output.subarray(at));
		if (found === null) throw new Error("the output ends inside a frame");
		at += found.size;
		const first = found.frame[0] ?? 0;
		const opcode = first & 0x0f;
		if (opcode >= 0x8) {
			must(opcode !== 0x8 || !closeSent, "a second Close frame came out");
			closeSent ||= opcode === 0x8;
			continue;
		}
		must(!closeSent, "a data frame came out behind Close");
		must((opcode === 0) === inMessage, "fragments of two messages came out mixed");
		inMessage = first < 0x80;
		owed--;
		must(owed >= 0, "more data frames came out than were accepted");
	}
	return { ...before, owed, inMessage, closeSent };
}

export function must(holds: boolean, broken: string): void {
	if (!holds) throw new Error(broken);
}
