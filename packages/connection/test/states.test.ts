import { describe, expect, test } from "vitest";
import type { WebSocketConnection } from "../src/index.ts";
import {
	INBOUND_TABLE,
	type InboundInput,
	type InboundState,
	OUTBOUND_TABLE,
	type OutboundInput,
	type OutboundNext,
	type OutboundState,
	readyState,
} from "../src/states.ts";
import { openServer } from "./owner.ts";
import { misuse } from "./usage.ts";
import { bytesOf, CLOSE, clientFrame, closePayload, hex, TEXT } from "./wire.ts";

const OUTBOUND_INPUTS = ["data", "fragment", "control", "finish", "close", "end"] as const;

// biome-ignore format: a table
const OUTBOUND: readonly (readonly [OutboundState, ...OutboundNext[]])[] = [
	//             data     fragment     control      finish       close        end
	["open",      "open",  "open",      "open",      "finishing", "closeSent", "ended"],
	["finishing", "error", "finishing", "finishing", "error",     "closeSent", "ended"],
	["closeSent", "error", "error",     "closeSent", "error",     "error",     "ended"],
	["ended",     "error", "error",     "error",     "error",     "error",     "ended"],
];

const INBOUND_INPUTS = ["close", "violation", "end"] as const;

// biome-ignore format: a table
const INBOUND: readonly (readonly [InboundState, ...InboundState[]])[] = [
	//                 close            violation        end
	["open",          "closeReceived", "failed",        "ended"],
	["closeReceived", "closeReceived", "closeReceived", "ended"],
	["failed",        "failed",        "failed",        "ended"],
	["ended",         "ended",         "ended",         "ended"],
];

const READY = [
	// inbound:     open       closeReceived  failed     ended
	["open", ["open", "closing", "closing", "closing"]],
	["finishing", ["closing", "closing", "closing", "closing"]],
	["closeSent", ["closing", "closing", "closing", "closing"]],
	["ended", ["closing", "closing", "closing", "closed"]],
] as const;

const CLOSE_FRAME = clientFrame(CLOSE, closePayload(1000));
const VIOLATION = hex("f1 80 00 00 00 00");

function open(): WebSocketConnection {
	return openServer().connection;
}

/** A connection that has begun a message. */
function sending(): WebSocketConnection {
	const connection = open();
	connection.sendFragment("text", bytesOf("a"), false);
	return connection;
}

/** Gives bytes and takes the events: gives their types. */
function hear(connection: WebSocketConnection, bytes: Uint8Array): string[] {
	connection.receive(bytes.slice(), 0);
	return taken(connection);
}

function taken(connection: WebSocketConnection): string[] {
	const types: string[] = [];
	for (let event = connection.nextEvent(); event !== null; event = connection.nextEvent()) types.push(event.type);
	return types;
}

function closed(connection: WebSocketConnection): WebSocketConnection {
	connection.close(1000, undefined, 0);
	return connection;
}

/** After the peer's Close a server has nothing more to send. */
function answered(connection: WebSocketConnection): WebSocketConnection {
	hear(connection, CLOSE_FRAME);
	return connection;
}

function atOnce(connection: WebSocketConnection): WebSocketConnection {
	connection.closeAtOnce(1000, "", 0);
	return connection;
}

// Whether a message has begun decides what a call means, so each state is there with one and without, where it can be.
const OUTBOUND_STATES: Record<
	OutboundState,
	{ idle: (() => WebSocketConnection) | null; sending: () => WebSocketConnection }
> = {
	open: { idle: open, sending },
	finishing: { idle: null, sending: () => closed(sending()) },
	closeSent: { idle: () => closed(open()), sending: () => atOnce(sending()) },
	ended: { idle: () => answered(open()), sending: () => answered(sending()) },
};

/** What makes the input: when no message has begun, and when one has. null: it can't be made. */
const OUTBOUND_COMMANDS: Record<OutboundInput, [idle: Command | null, sending: Command | null]> = {
	data: [(connection) => connection.sendText("a"), (connection) => connection.sendText("a")],
	fragment: [null, (connection) => connection.sendFragment("text", bytesOf("b"), false)],
	control: [(connection) => connection.sendPing(hex("")), (connection) => connection.sendPing(hex(""))],
	finish: [null, (connection) => connection.close(1000, undefined, 0)],
	// The last fragment of a message behind which a Close frame waits sends it.
	close: [
		(connection) => connection.close(1000, undefined, 0),
		(connection) =>
			halves(connection).outbound === "finishing"
				? connection.sendFragment("text", bytesOf("b"), true)
				: connection.closeAtOnce(1000, "", 0),
	],
	end: [(connection) => connection.receiveReset(0), (connection) => connection.receiveReset(0)],
};
type Command = (connection: WebSocketConnection) => void;

const INBOUND_STATES: Record<InboundState, () => WebSocketConnection> = {
	open,
	closeReceived: () => answered(open()),
	failed: () => {
		const connection = open();
		hear(connection, VIOLATION);
		return connection;
	},
	ended: () => {
		const connection = open();
		connection.receiveEnd(0);
		taken(connection);
		return connection;
	},
};

const INBOUND_BYTES: Record<InboundInput, (connection: WebSocketConnection) => string[]> = {
	close: (connection) => hear(connection, CLOSE_FRAME),
	violation: (connection) => hear(connection, VIOLATION),
	end: (connection) => {
		connection.receiveEnd(0);
		return taken(connection);
	},
};

/** A snapshot shows the halves. */
function halves(connection: WebSocketConnection): { outbound: OutboundState; inbound: InboundState } {
	return connection.snapshot(0).life;
}

/** Each (state, input, next) of a table. */
function cells<State extends string, Input extends string, Next extends string>(
	table: readonly (readonly [State, ...Next[]])[],
	inputs: readonly Input[],
): [State, Input, Next][] {
	return table.flatMap(([state, ...row]) => row.map((next, at): [State, Input, Next] => [state, inputs[at]!, next]));
}

test("the tables are these, and have nothing else", () => {
	const columns = <T>(row: readonly T[], inputs: readonly string[]) =>
		Object.fromEntries(inputs.map((input, at) => [input, row[at]]));
	expect(OUTBOUND_TABLE).toEqual(
		Object.fromEntries(OUTBOUND.map(([state, ...row]) => [state, columns(row, OUTBOUND_INPUTS)])),
	);
	expect(INBOUND_TABLE).toEqual(
		Object.fromEntries(INBOUND.map(([state, ...row]) => [state, columns(row, INBOUND_INPUTS)])),
	);
});

describe("outbound, by a connection", () => {
	test.each(cells<OutboundState, OutboundInput, OutboundNext>(OUTBOUND, OUTBOUND_INPUTS))(
		"%s + %s: %s",
		(state, input, next) => {
			const { idle, sending } = OUTBOUND_STATES[state];
			const [whenIdle, whenSending] = OUTBOUND_COMMANDS[input];
			for (const [make, command] of [
				[idle, whenIdle],
				[sending, whenSending],
			] as const) {
				if (make === null || command === null) continue;
				const connection = make();
				expect(halves(connection).outbound).toBe(state);
				// closeAtOnce() is for failures, and does nothing where it comes too late.
				const isQuiet = command === OUTBOUND_COMMANDS.close[1];
				const code = misuse(() => command(connection));
				expect(code).toBe(next === "error" && !isQuiet ? "ERR_STATE" : "nothing thrown");
				expect(halves(connection).outbound).toBe(next === "error" ? state : next);
			}
		},
	);
});

describe("inbound, by a connection", () => {
	test.each(cells<InboundState, InboundInput, InboundState>(INBOUND, INBOUND_INPUTS))(
		"%s + %s: %s",
		(state, input, next) => {
			const connection = INBOUND_STATES[state]();
			expect(halves(connection).inbound).toBe(state);
			const events = INBOUND_BYTES[input](connection);
			expect(halves(connection).inbound).toBe(next);
			// A state that discards tells of nothing but the end.
			if (state !== "open") expect(events.filter((type) => type !== "closed")).toEqual([]);
		},
	);

	test.each(INBOUND.map(([state]) => state))("%s + another frame: no other state", (state) => {
		const connection = INBOUND_STATES[state]();
		expect(hear(connection, clientFrame(TEXT, "a"))).toEqual(state === "open" ? ["text"] : []);
		expect(halves(connection).inbound).toBe(state);
	});
});

test("readyState of every pair of halves", () => {
	const inbounds: InboundState[] = ["open", "closeReceived", "failed", "ended"];
	for (const [outbound, row] of READY) expect(inbounds.map((inbound) => readyState(outbound, inbound))).toEqual(row);
});
