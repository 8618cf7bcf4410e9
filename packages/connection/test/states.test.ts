import { describe, expect, test } from "vitest";
import {
	connectionSettings,
	INBOUND_TABLE,
	type InboundInput,
	type InboundState,
	OUTBOUND_TABLE,
	type OutboundInput,
	type OutboundState,
	readyState,
	ServerConnection,
} from "../src/index.ts";
import { misuse } from "./usage.ts";
import { bytesOf, CLOSE, clientFrame, closePayload, concat, hex, http, TEXT, UPGRADE } from "./wire.ts";

const OUTBOUND_INPUTS = ["message", "switch", "data", "control", "close", "end"] as const;

// biome-ignore format: a table
const OUTBOUND = [
	//             message   switch    data      control      close        end
	["http",      "http",   "open",   "misuse", "misuse",    "misuse",    "ended"],
	["open",      "misuse", "misuse", "open",   "open",      "closeSent", "ended"],
	["closeSent", "misuse", "misuse", "misuse", "closeSent", "misuse",    "ended"],
	["ended",     "misuse", "misuse", "misuse", "misuse",    "misuse",    "ended"],
] as const;

const INBOUND_INPUTS = ["message", "switch", "frame", "close", "violation", "end"] as const;

// biome-ignore format: a table
const INBOUND = [
	//                 message       switch        frame            close            violation        end
	["http",          "http",       "open",       "impossible",    "impossible",    "failed",        "ended"],
	["open",          "impossible", "impossible", "open",          "closeReceived", "failed",        "ended"],
	["closeReceived", "impossible", "impossible", "closeReceived", "closeReceived", "closeReceived", "ended"],
	["failed",        "impossible", "impossible", "failed",        "failed",        "failed",        "ended"],
	["ended",         "impossible", "impossible", "ended",         "ended",         "ended",         "ended"],
] as const;

const READY = [
	// inbound:     http        open       closeReceived  failed     ended
	["http", ["http", "closing", "closing", "closing", "closing"]],
	["open", ["closing", "open", "closing", "closing", "closing"]],
	["closeSent", ["closing", "closing", "closing", "closing", "closing"]],
	["ended", ["closing", "closing", "closing", "closing", "closed"]],
] as const;

/** A connection that shows its halves. */
class Probe extends ServerConnection {
	constructor() {
		super(connectionSettings(), 0);
	}

	get halves(): { outbound: OutboundState; inbound: InboundState } {
		return { outbound: this.life.outbound, inbound: this.life.inbound };
	}

	/** Gives bytes and drains the events: gives their types. */
	hear(bytes: Uint8Array | string): string[] {
		this.receive(typeof bytes === "string" ? bytesOf(bytes) : bytes.slice(), 0);
		return this.drain();
	}

	drain(): string[] {
		const types: string[] = [];
		for (let event = this.nextEvent(); event !== null; event = this.nextEvent()) types.push(event.type);
		return types;
	}
}

const GET = http("GET / HTTP/1.1", "Host: a");
const CLOSE_FRAME = clientFrame(CLOSE, closePayload(1000));
const VIOLATION = hex("f1 80 00 00 00 00");

function upgraded(): Probe {
	const probe = new Probe();
	probe.hear(UPGRADE);
	probe.accept({}, 0);
	return probe;
}

const OUTBOUND_STATES: Record<OutboundState, () => Probe> = {
	http: () => new Probe(),
	open: upgraded,
	closeSent: () => {
		const probe = upgraded();
		probe.close(1000, undefined, 0);
		return probe;
	},
	ended: () => {
		const probe = upgraded();
		probe.hear(CLOSE_FRAME);
		return probe;
	},
};

const OUTBOUND_COMMANDS: Record<OutboundInput, (probe: Probe) => void> = {
	message: (probe) => {
		if (probe.readyState === "http") probe.hear(GET);
		probe.respond({ status: 204, body: false }, 0);
	},
	switch: (probe) => {
		if (probe.readyState === "http") probe.hear(UPGRADE);
		probe.accept({}, 0);
	},
	data: (probe) => probe.sendText("a"),
	control: (probe) => probe.sendPing(new Uint8Array(0)),
	close: (probe) => probe.close(1000, undefined, 0),
	end: (probe) => probe.receiveStreamClosed(0, false),
};

const INBOUND_STATES: Record<InboundState, () => Probe> = {
	http: () => new Probe(),
	open: upgraded,
	closeReceived: OUTBOUND_STATES.ended,
	failed: () => {
		const probe = upgraded();
		probe.hear(VIOLATION);
		return probe;
	},
	ended: () => {
		const probe = upgraded();
		probe.receiveEnd(0);
		probe.drain();
		return probe;
	},
};

const INBOUND_BYTES: Record<InboundInput, (probe: Probe) => string[]> = {
	message: (probe) => probe.hear(GET),
	switch: (probe) => {
		const events = probe.hear(UPGRADE);
		probe.accept({}, 0);
		return events;
	},
	frame: (probe) => probe.hear(clientFrame(TEXT, "a")),
	close: (probe) => probe.hear(CLOSE_FRAME),
	violation: (probe) => probe.hear(probe.readyState === "http" ? "\0\r\n" : VIOLATION),
	end: (probe) => {
		probe.receiveEnd(0);
		return probe.drain();
	},
};

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
	test.each(cells<OutboundState, OutboundInput, string>(OUTBOUND, OUTBOUND_INPUTS))(
		"%s + %s: %s",
		(state, input, next) => {
			const probe = OUTBOUND_STATES[state]();
			expect(probe.halves.outbound).toBe(state);
			const code = misuse(() => OUTBOUND_COMMANDS[input](probe));
			expect(code).toBe(next === "misuse" ? "ERR_STATE" : "nothing thrown");
			expect(probe.halves.outbound).toBe(next === "misuse" ? state : next);
		},
	);
});

describe("inbound, by a connection", () => {
	const possible = cells<InboundState, InboundInput, string>(INBOUND, INBOUND_INPUTS).filter(
		([, , next]) => next !== "impossible",
	);

	test.each(possible)("%s + %s: %s", (state, input, next) => {
		const probe = INBOUND_STATES[state]();
		expect(probe.halves.inbound).toBe(state);
		const events = INBOUND_BYTES[input](probe);
		expect(probe.halves.inbound).toBe(next);
		// A state that discards tells of nothing but the end.
		if (state !== "http" && state !== "open") expect(events.filter((type) => type !== "closed")).toEqual([]);
	});

	test("in `http` frames are no input: their bytes are a violation of HTTP", () => {
		const probe = new Probe();
		expect(probe.hear(concat([clientFrame(TEXT, "a"), bytesOf("\r\n")]))).toEqual(["rejected"]);
		expect(probe.halves.inbound).toBe("failed");
	});

	test("in `open` HTTP is no input: its bytes are a violation of the framing", () => {
		const probe = upgraded();
		expect(probe.hear(GET)).toEqual(["failed"]);
		expect(probe.halves.inbound).toBe("failed");
	});
});

test("readyState of every pair of halves", () => {
	const inbounds: InboundState[] = ["http", "open", "closeReceived", "failed", "ended"];
	for (const [outbound, row] of READY) expect(inbounds.map((inbound) => readyState(outbound, inbound))).toEqual(row);
});
