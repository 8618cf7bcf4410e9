import {
	type ConnectionSettings,
	type ConnectionSnapshot,
	WebSocketConnection,
	type WebSocketEvent,
} from "@barewire/connection";
import { concat } from "../arbitraries/bytes.ts";
import type { Action } from "./sides.ts";

/** Every step begins at this time: snapshots have relative times, so that states repeat. */
export const NOW = 1_000;

/** What can be seen of one step. */
export interface Outcome {
	readonly events: readonly WebSocketEvent[];
	/** Those of `events` that came before the output was taken. */
	readonly early: number;
	readonly output: Uint8Array;
	/** What the stream was to do before the output was taken, and after. */
	readonly actionBefore: Action;
	readonly action: Action;
	/** From the end of the step on. */
	readonly deadline: number;
	/** The code of the error by which a command was refused. */
	readonly refused: string | null;
	/** Behind the refusal, before the driver did anything. */
	readonly refusedSnapshot: ConnectionSnapshot | null;
	readonly snapshot: ConnectionSnapshot;
	/** The connection itself, which can go on as if it had not been left. */
	readonly connection: WebSocketConnection;
	readonly now: number;
}

/** What is done to the connection, and how far the driver keeps its rule. */
export interface Drive {
	/** Gives the time at which it was done. null: it can't be done in this state. */
	readonly act: (connection: WebSocketConnection, now: number) => number | null;
	/** Whether a `UsageError` is an answer. */
	readonly mayRefuse: boolean;
	readonly pulls: boolean;
	readonly takes: boolean;
}

/** One step from the snapshot. null: it can't be taken. */
export function drive(snapshot: ConnectionSnapshot, settings: ConnectionSettings, how: Drive): Outcome | null {
	return driveOn(WebSocketConnection.restore(snapshot, settings, NOW), NOW, how);
}

/** One step of the connection, at that time unless it brings another. */
export function driveOn(
	connection: WebSocketConnection,
	at: number,
	{ act, mayRefuse, pulls, takes }: Drive,
): Outcome | null {
	let now: number | null = at;
	let refused: string | null = null;
	try {
		now = act(connection, at);
	} catch (error) {
		if (!mayRefuse || !(error instanceof Error) || error.name !== "UsageError") throw error;
		refused = (error as Error & { code: string }).code;
	}
	if (now === null) return null;
	const refusedSnapshot = refused === null ? null : connection.snapshot(now);
	// The driver's rule: all events, all output, then what is to be done; the last event comes behind the last output.
	const events = pulls ? eventsOf(connection) : [];
	const early = events.length;
	const actionBefore = connection.streamAction;
	const output = takes ? outputOf(connection) : NO_BYTES;
	const action = connection.streamAction;
	if (pulls && action !== "open") events.push(...eventsOf(connection));
	return {
		events,
		early,
		output,
		actionBefore,
		action,
		deadline: connection.nextDeadline - now,
		refused,
		refusedSnapshot,
		snapshot: connection.snapshot(now),
		connection,
		now,
	};
}

const NO_BYTES = new Uint8Array(0);
/** More than the inputs of any way that is walked. */
const MOST_EVENTS = 1_000;

function eventsOf(connection: WebSocketConnection): WebSocketEvent[] {
	const events: WebSocketEvent[] = [];
	for (let event = connection.nextEvent(); event !== null; event = connection.nextEvent()) {
		events.push(event);
		if (events.length > MOST_EVENTS) throw new Error("events come without end");
	}
	return events;
}

function outputOf(connection: WebSocketConnection): Uint8Array {
	const first = connection.nextOutput();
	if (first === null) return NO_BYTES;
	const second = connection.nextOutput();
	// Pieces are views of memory that is written to again.
	if (second === null) return first.slice();
	const pieces = [first, second];
	for (let piece = connection.nextOutput(); piece !== null; piece = connection.nextOutput()) pieces.push(piece);
	return concat(pieces);
}
