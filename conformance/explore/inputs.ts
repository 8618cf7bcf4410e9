import type { ConnectionSnapshot } from "@barewire/connection";
import * as action from "./actions.ts";

/** An action, and how far the driver keeps its rule afterwards. */
export interface Input {
	readonly name: string;
	readonly action: action.Action;
	/** Events are asked for until there are none. */
	readonly pulls: boolean;
	/** Output is taken until there is none. */
	readonly takes: boolean;
}

function input(of: action.Action, pulls: boolean, takes: boolean): Input {
	const name = [of.name, ...(pulls ? [] : ["not pulled"]), ...(takes ? [] : ["not taken"])].join(", ");
	return { name, action: of, pulls, takes };
}

/** The driver's rule is kept in full. */
const kept = (of: action.Action): Input => input(of, true, true);
const notPulled = (of: action.Action): Input => input(of, false, true);
const notTaken = (of: action.Action): Input => input(of, true, false);

/** Everything that can happen, one of each kind. */
export const ALL_INPUTS: readonly Input[] = [
	...[
		action.RECEIVE_TEXT,
		action.RECEIVE_FIRST,
		action.RECEIVE_LAST,
		action.RECEIVE_PING,
		action.RECEIVE_PONG,
		action.RECEIVE_CLOSE,
		action.RECEIVE_EMPTY_CLOSE,
		action.RECEIVE_VIOLATION,
		action.END,
		action.RESET,
		action.TIME,
		action.PROGRESS,
		action.SEND_TEXT,
		action.BEGIN_MESSAGE,
		action.SEND_FIRST,
		action.SEND_LAST,
		action.SEND_PING,
		action.CLOSE,
		action.CLOSE_AT_ONCE,
		action.TERMINATE,
		action.NOTHING,
	].map(kept),
	...[action.RECEIVE_TEXT, action.RECEIVE_PING, action.RECEIVE_CLOSE, action.END, action.TIME].map(notPulled),
	...[action.SEND_TEXT, action.RECEIVE_PING, action.CLOSE, action.TIME].map(notTaken),
];

/** The next deadline, and nothing else; the driver's rule, and nothing else. */
export const SILENCE: Input = kept(action.TIME);
export const ASKED: Input = kept(action.NOTHING);

/** What has no payload, each with and without the driver's rule; and fragments, for `finishing` needs them. */
export const CONTROL_INPUTS: readonly Input[] = [
	action.RECEIVE_PING,
	action.RECEIVE_PONG,
	action.RECEIVE_CLOSE,
	action.RECEIVE_EMPTY_CLOSE,
	action.RECEIVE_VIOLATION,
	action.END,
	action.RESET,
	action.TIME,
	action.PROGRESS,
	action.SEND_FIRST,
	action.SEND_LAST,
	action.SEND_PING,
	action.CLOSE,
	action.CLOSE_AT_ONCE,
	action.TERMINATE,
	action.NOTHING,
].flatMap((of) => [
	of === action.TIME ? SILENCE : of === action.NOTHING ? ASKED : kept(of),
	notPulled(of),
	notTaken(of),
	input(of, false, false),
]);

/**
 * Whether an input of `CONTROL_INPUTS` can come: what bounds its walk. A chunk comes only when the one before is read, as a driver
 * has it that pauses its stream. While output waits, what would add to it comes only with the output taken.
 */
export function canCome({ life, reader, sender }: ConnectionSnapshot, { action, takes }: Input): boolean {
	if (action.kind === "receive" && life.inbound === "open" && reader.frames.unread.length > 0) return false;
	if (takes || sender.frames === null || sender.frames.output.length === 0) return true;
	return action.kind === "time" ? life.outbound !== "open" : action.kind !== "receive" && action.kind !== "command";
}
