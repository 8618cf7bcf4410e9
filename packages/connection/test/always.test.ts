import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Http1Client, type Http1Server, WebSocketConnection } from "../src/index.ts";
import {
	type AnyEvent,
	CLIENT_SWITCHING,
	clientOwner,
	describeEvent,
	type Owner,
	openOwner,
	serverOwner,
} from "./owner.ts";
import { openPair, type Pair } from "./pair.ts";
import {
	BINARY,
	bytesOf,
	CLOSE,
	clientFrame,
	closePayload,
	concat,
	http,
	PING,
	PONG,
	serverFrame,
	TEXT,
	UPGRADE,
} from "./wire.ts";

// What holds for every connection, whatever its peer and its owner do.

type AnyOwner = Owner<Http1Server> | Owner<Http1Client> | Owner<WebSocketConnection>;

/** A call on an owner, in words so that a counterexample can be read. */
type Step = readonly [name: string, run: (owner: AnyOwner) => unknown];

/** The caller's own mistakes are `UsageError`s. Anything else that is thrown goes through. */
function forgiving(call: () => void): void {
	try {
		call();
	} catch (error) {
		if (!(error instanceof Error && error.name === "UsageError")) throw error;
	}
}

const frames = (frame: typeof clientFrame): Uint8Array[] => [
	frame(TEXT, "hello"),
	frame(TEXT, "\xff"),
	frame(BINARY, new Uint8Array(300)),
	frame(PING, "ping"),
	frame(PONG),
	frame(CLOSE),
	frame(CLOSE, closePayload(1000, "bye")),
	frame(CLOSE, closePayload(1005)),
];

const SERVER_HEARS: Uint8Array[] = [
	bytesOf(UPGRADE),
	bytesOf(UPGRADE.replace("13", "8")),
	bytesOf(http("GET / HTTP/1.1", "Host: a")),
	bytesOf(http("GET / HTTP/1.0")),
	bytesOf(http("POST / HTTP/1.1", "Host: a", "Content-Length: 7", "Expect: 100-continue")),
	bytesOf(http("POST / HTTP/1.1", "Host: a", "Transfer-Encoding: chunked")),
	bytesOf("2\r\nab\r\n"),
	bytesOf("0\r\n\r\n"),
	bytesOf("content"),
	...frames(clientFrame),
];

const CLIENT_HEARS: Uint8Array[] = [
	bytesOf(CLIENT_SWITCHING),
	bytesOf(CLIENT_SWITCHING.replace("101 Switching Protocols", "103 Early Hints")),
	bytesOf(http("HTTP/1.1 401 Unauthorized", "Content-Length: 7")),
	bytesOf(http("HTTP/1.1 401 Unauthorized", "Transfer-Encoding: chunked")),
	bytesOf(http("HTTP/1.1 500 Oops")),
	bytesOf("content"),
	bytesOf("0\r\n\r\n"),
	...frames(serverFrame),
];

function socketCommand(name: string, call: (connection: WebSocketConnection, now: number) => void): Step {
	return [name, (owner) => owner.current instanceof WebSocketConnection && call(owner.current, owner.clock.now)];
}

const COMMANDS: readonly Step[] = [
	socketCommand("sendText", (connection) => connection.sendText("hi")),
	socketCommand("sendBinary", (connection) => connection.sendBinary(new Uint8Array(5_000))),
	socketCommand("sendPing", (connection) => connection.sendPing(new Uint8Array(4))),
	socketCommand("beginMessage", (connection) => connection.beginMessage("text")),
	socketCommand("sendFragment", (connection) => connection.sendFragment("text", bytesOf("a"), false)),
	socketCommand("sendFragment, last", (connection) => connection.sendFragment("text", bytesOf("z"), true)),
	socketCommand("close", (connection, now) => connection.close(1000, "bye", now)),
	socketCommand("close wrongly", (connection, now) => connection.close(1006, "", now)),
	socketCommand("closeAtOnce", (connection, now) => connection.closeAtOnce(1011, "", now)),
	["terminate", (owner) => owner.current.terminate(owner.clock.now)],
	["noteProgress", (owner) => owner.current.noteProgress(owner.clock.now)],
	["nextOutput", (owner) => owner.current.nextOutput()],
	["pause", (owner) => void Object.assign(owner, { pulls: false })],
	["resume", (owner) => void Object.assign(owner, { pulls: true })],
	["settle", (owner) => owner.settle()],
	["settle", (owner) => owner.settle()],
	["receiveEnd", (owner) => owner.current.receiveEnd(owner.clock.now)],
	["reset", (owner) => owner.current.receiveReset(owner.clock.now)],
	["handleTimeout", (owner) => owner.current.handleTimeout(owner.clock.now)],
];

/** Also behind the switch. */
function serverCommand(name: string, call: (connection: Http1Server, now: number) => unknown): Step {
	return [name, (owner) => owner.follow(call(owner.connection as Http1Server, owner.clock.now))];
}

const SERVER_COMMANDS: readonly Step[] = [
	serverCommand("accept", (connection, now) => connection.accept({}, now)),
	serverCommand("accept", (connection, now) => connection.accept({}, now)),
	serverCommand("accept wrongly", (connection, now) => connection.accept({ protocol: "x" }, now)),
	serverCommand("respond 204", (connection, now) => connection.respond({ status: 204, body: false }, now)),
	serverCommand("respond chunked", (connection, now) => connection.respond({ status: 200, body: true }, now)),
	serverCommand("respond 2 bytes", (connection, now) =>
		connection.respond({ status: 200, body: true, fields: [["content-length", "2"]] }, now),
	),
	serverCommand("sendBody", (connection) => connection.sendBody(bytesOf("ab"))),
	serverCommand("endBody", (connection, now) => connection.endBody([], now)),
	serverCommand("sendContinue", (connection) => connection.sendContinue()),
	serverCommand("shutDown", (connection, now) => connection.shutDown(now)),
];

function steps(hears: readonly Uint8Array[], commands: readonly Step[]): fc.Arbitrary<Step[]> {
	const hear = fc.tuple(fc.constantFrom(...hears), fc.nat(), fc.nat({ max: 3 })).map(([bytes, at, how]): Step => {
		// Mostly whole, sometimes only its beginning or its end.
		const cut = at % bytes.length;
		const chunk = how === 0 ? bytes.subarray(0, cut) : how === 1 ? bytes.subarray(cut) : bytes;
		return [
			`hear ${JSON.stringify(String.fromCharCode(...chunk))}`,
			(owner) => owner.current.receive(chunk.slice(), owner.clock.now),
		];
	});
	const garbage = fc
		.uint8Array({ maxLength: 20 })
		.map((bytes): Step => [`hear ${bytes}`, (owner) => owner.current.receive(bytes.slice(), owner.clock.now)]);
	const wait = fc
		.constantFrom(1, 9_999, 20_000, 75_000)
		.map((time): Step => [`pass ${time}`, (owner) => owner.pass(time)]);
	const step = fc.oneof(
		{ weight: 8, arbitrary: hear },
		{ weight: 1, arbitrary: garbage },
		{ weight: 2, arbitrary: wait },
		{ weight: 8, arbitrary: fc.constantFrom(...commands) },
	);
	return fc
		.array(step, { maxLength: 30 })
		.map((list) => Object.assign(list, { toString: () => list.map(([name]) => name).join("; ") }));
}

/** A stream is dropped in one way or the other, and stays so. */
const ORDER = { open: 0, end: 1, destroy: 2, reset: 3 };

/** Runs the steps and checks what always holds, after each of them. */
function run(owner: AnyOwner, list: readonly Step[]): void {
	let action = owner.current.streamAction;
	let ended = 0;
	owner.react = (event: AnyEvent) => {
		// Nothing comes behind `closed`, and it does not come before both halves have ended.
		expect(ended).toBe(0);
		if (event.type !== "closed") return;
		ended++;
		if (owner.current instanceof WebSocketConnection) expect(owner.current.readyState).toBe("closed");
	};
	const check = () => {
		const connection = owner.current;
		expect(connection.bufferedAmount).toBeGreaterThanOrEqual(0);
		expect(connection.unread).toBeGreaterThanOrEqual(0);
		expect(connection.nextDeadline).not.toBeNaN();
		// The stream is never asked to come back to life.
		expect(ORDER[connection.streamAction]).toBeGreaterThanOrEqual(ORDER[action]);
		action = connection.streamAction;
		// An owner that ends the stream when all output is taken writes nothing afterwards.
		if (action !== "open" && connection.bufferedAmount === 0) expect(connection.nextOutput()).toBeNull();
	};
	for (const [, step] of list) {
		forgiving(() => step(owner));
		if (owner.pulls) owner.settle();
		check();
	}
	owner.pulls = true;
	owner.current.receiveReset(owner.clock.now);
	for (let count = 0; count < 3; count++) {
		owner.settle();
		check();
	}
	const connection = owner.current;
	expect(ended).toBe(1);
	expect(connection.nextDeadline).toBe(Number.POSITIVE_INFINITY);
	expect(connection.streamAction).toMatch(/^(destroy|reset)$/);
	expect([connection.unread, connection.bufferedAmount]).toEqual([0, 0]);
}

const OPTIONS = { timeouts: { idle: 50_000 } };

describe("whatever its peer and its owner do: nothing is thrown but UsageErrors, and it ends with one `closed`", () => {
	test("server", () => {
		fc.assert(
			fc.property(steps(SERVER_HEARS, [...COMMANDS, ...SERVER_COMMANDS]), (list) => run(serverOwner(OPTIONS), list)),
			{ numRuns: 2_000 },
		);
	});

	test("server, open", () => {
		fc.assert(
			fc.property(steps(frames(clientFrame), COMMANDS), (list) => run(openOwner("server", OPTIONS), list)),
			{ numRuns: 2_000 },
		);
	});

	test("server, open, in parts", () => {
		const options = { ...OPTIONS, parts: true };
		fc.assert(
			fc.property(steps(frames(clientFrame), COMMANDS), (list) => run(openOwner("server", options), list)),
			{ numRuns: 1_000 },
		);
	});

	test("client", () => {
		fc.assert(
			fc.property(steps(CLIENT_HEARS, COMMANDS), (list) => run(clientOwner(OPTIONS), list)),
			{ numRuns: 2_000 },
		);
	});

	test("client, open", () => {
		fc.assert(
			fc.property(steps(frames(serverFrame), COMMANDS), (list) => run(openOwner("client", OPTIONS), list)),
			{ numRuns: 2_000 },
		);
	});
});

describe("any split of the bytes, and any pause between two pulls, give the same events and the same output", () => {
	/** Where the stream is cut, and after which chunks the owner asks for events. */
	const delivery = fc.array(fc.tuple(fc.integer({ min: 1, max: 40 }), fc.boolean()), { maxLength: 60 });

	function deliver(owner: AnyOwner, stream: Uint8Array, cuts: readonly (readonly [number, boolean])[]): unknown {
		let at = 0;
		for (const [size, pulls] of cuts) {
			owner.pulls = pulls;
			owner.hear(stream.subarray(at, at + size));
			at += size;
		}
		owner.hear(stream.subarray(at));
		owner.hearEnd();
		owner.pulls = true;
		owner.settle();
		return { events: joined(owner), output: owner.sentText(), action: owner.current.streamAction };
	}

	/** The events in lines, with neighbouring pieces of a body as one: where a body is cut is no promise. */
	function joined(owner: AnyOwner): string[] {
		const lines: string[] = [];
		for (const line of owner.taken().map(describeEvent)) {
			const last = lines.length - 1;
			if (line.startsWith("body ") && lines[last]?.startsWith("body ")) lines[last] += line.slice(5);
			else lines.push(line);
		}
		return lines;
	}

	function answering(): Owner<Http1Server> {
		const owner = serverOwner();
		owner.react = (event, connection, now) => {
			if (event.type === "request" && event.upgrade !== null) return connection.accept({}, now);
			if (event.type === "bodyEnd") connection.respond({ status: 204, body: false }, now);
			else if (event.type === "text" && owner.webSocket.readyState === "open") owner.webSocket.sendText(event.text);
			return null;
		};
		return owner;
	}

	const streamOf = (hears: readonly Uint8Array[]) => fc.array(fc.constantFrom(...hears), { maxLength: 8 }).map(concat);

	test("server", () => {
		const http = streamOf(SERVER_HEARS);
		const upgraded = streamOf(frames(clientFrame)).map((rest) => concat([bytesOf(UPGRADE), rest]));
		fc.assert(
			fc.property(fc.oneof(http, upgraded), delivery, (stream, cuts) => {
				expect(deliver(answering(), stream, cuts)).toEqual(deliver(answering(), stream, []));
			}),
			{ numRuns: 1_000 },
		);
	});

	test("client", () => {
		const http = streamOf(CLIENT_HEARS);
		const upgraded = streamOf(frames(serverFrame)).map((rest) => concat([bytesOf(CLIENT_SWITCHING), rest]));
		fc.assert(
			fc.property(fc.oneof(http, upgraded), delivery, (stream, cuts) => {
				expect(deliver(clientOwner(), stream, cuts)).toEqual(deliver(clientOwner(), stream, []));
			}),
			{ numRuns: 1_000 },
		);
	});
});

test("two connections: once either has begun to end it, both have ended within the closing time, whatever is lost", () => {
	type AnyPair = Pair<WebSocketConnection, WebSocketConnection>;
	const command = fc.constantFrom<readonly [string, (pair: AnyPair) => void]>(
		["client text", (pair) => pair.client.connection.sendText("c")],
		["server text", (pair) => pair.server.connection.sendText("s")],
		["client ping", (pair) => pair.client.connection.sendPing(new Uint8Array(0))],
		["run", (pair) => pair.run()],
		["pass", (pair) => pair.pass(5_000)],
		["lose the line", (pair) => void Object.assign(pair, { carries: false })],
		["mend the line", (pair) => void Object.assign(pair, { carries: true })],
		["client rests", (pair) => void Object.assign(pair.client, { pulls: false })],
		["client works", (pair) => void Object.assign(pair.client, { pulls: true })],
	);
	const ending = fc.constantFrom<readonly [string, (pair: AnyPair) => void]>(
		["client closes", (pair) => pair.client.connection.close(1000, "", pair.clock.now)],
		["server closes", (pair) => pair.server.connection.close(1000, "", pair.clock.now)],
		["client terminates", (pair) => pair.client.connection.terminate(pair.clock.now)],
		["server fails", (pair) => pair.server.connection.receive(Uint8Array.of(0xff, 0xff), pair.clock.now)],
		["reset", (pair) => pair.reset()],
	);
	const commands = fc.array(command, { maxLength: 12 });
	fc.assert(
		fc.property(commands, ending, commands, (before, end, after) => {
			const pair = openPair();
			for (const [, step] of [...before, end, ...after]) forgiving(() => step(pair));
			pair.client.pulls = true;
			pair.client.settle();
			pair.server.settle();
			// One closing time for whoever began, one for the other that only hears of it then.
			pair.pass(20_000);
			// If the Close was misuse because the other side had ended it before, it has ended all the same.
			const { client, server } = pair.happened();
			for (const lines of [client, server]) {
				expect(lines.filter((line) => line.startsWith("closed"))).toHaveLength(1);
				expect(lines.at(-1)).toMatch(/^closed/);
			}
		}),
		{ numRuns: 1_000 },
	);
});
