import { place } from "../five-tuple.ts";
import { dial, dialled, exchange, head, statuses } from "./http-client.ts";
import type { Step } from "./play.ts";
import { expect, type Story } from "./story.ts";
import type { Told } from "./web-client.ts";

const BURST = 8;

/** The story of one port, in order: each step finds what the steps before it have left. */
export const STEPS: readonly Step[] = [
	{
		name: "one socket listens",
		async run({ demo }) {
			return `tcp ${place(demo.server.address)} ↔ anybody: ${demo.server.connections.length} connections`;
		},
	},
	{
		name: "eight clients connect at once, and wait in its accept queue",
		async run(story) {
			story.burst = Array.from({ length: BURST }, () => dial(story.port));
			const waiting = await waitInQueue(story);
			expect(story.demo.server.connections.length === 0, "some were accepted already");
			const ports = `tcp 127.0.0.1:${story.port} ↔ eight ports of 127.0.0.1`;
			if (waiting === null) return `${ports}: this system doesn't show the queue`;
			expect(waiting === BURST, `${waiting} wait in the queue, not ${BURST}`);
			return `${ports}: ${waiting} in the queue, 0 accepted`;
		},
	},
	{
		name: "the server accepts all eight: a new socket each, told apart by its 5-tuple, beginning as HTTP",
		async run(story) {
			await story.until(() => story.demo.server.connections.length === BURST);
			const tuples = story.burst.map((socket) => story.tuple(socket.localPort ?? 0, "http"));
			expect(new Set(tuples).size === BURST, "two of them have the same 5-tuple");
			const ports = story.burst.map((socket) => socket.localPort).join(", ");
			for (const socket of story.burst) socket.destroy();
			await story.until(() => story.demo.server.connections.length === 0);
			return `tcp 127.0.0.1:${story.port} ↔ 127.0.0.1:{${ports}}: ${BURST} sockets, all speak HTTP`;
		},
	},
	{
		name: "A asks to upgrade and gets 101: its socket speaks WebSocket",
		async run(story) {
			return `${story.tupleOf(await story.openA())}: WebSocket`;
		},
	},
	{
		name: "B asks plain HTTP on the same port and is answered, while A stays open",
		async run(story) {
			const { status, body, localPort } = await story.b.ask("/hello");
			const tuple = story.tuple(localPort, "http");
			expect(status === 200 && body.includes(tuple), `the answer is ${status}: ${body}`);
			story.tupleOfB = tuple;
			return `${tuple}: HTTP ${status}; A ${story.tupleOf(story.a)}: WebSocket`;
		},
	},
	{
		name: "C upgrades as well",
		async run(story) {
			return `${story.tupleOf(await story.openC())}: WebSocket; A ${story.tupleOf(story.a)}: WebSocket`;
		},
	},
	{
		name: "A sends C a message through the server, and C answers",
		async run(story) {
			const { a, c } = story;
			a.send({ type: "note", to: c.id, text: "hello from A" });
			same(await c.next(), { type: "note", from: a.id, text: "hello from A" });
			c.send({ type: "note", to: a.id, text: "hello from C" });
			same(await a.next(), { type: "note", from: c.id, text: "hello from C" });
			return `A ${story.tupleOf(a)}, C ${story.tupleOf(c)}: one message each way`;
		},
	},
	{
		name: "A changes the value: the broadcast reaches both",
		async run(story) {
			const { a, c } = story;
			const tuples = `A ${story.tupleOf(a)}, C ${story.tupleOf(c)}`;
			a.send({ type: "value", value: 64 });
			for (const client of [a, c]) same(await client.next(), { type: "value", value: 64, by: a.id });
			return `${tuples}: both hear 64`;
		},
	},
	{
		name: "B asks again: its connection was kept alive",
		async run(story) {
			const { status, localPort } = await story.b.ask("/hello");
			const tuple = story.tuple(localPort, "http");
			expect(tuple === story.tupleOfB, `B came on another connection: ${tuple} instead of ${story.tupleOfB}`);
			expect(status === 200, `the answer is ${status}`);
			return `${tuple}: HTTP ${status}, the same 5-tuple as before`;
		},
	},
	{
		name: "D sends two requests in one go (pipelining): two answers, in order",
		async run(story) {
			const d = await story.dial();
			const answers = await exchange(d, head("GET /hello") + head("GET /nothing"), (text) =>
				text.includes("nothing here"),
			);
			const tuple = story.tuple(d.localPort ?? 0, "http");
			d.destroy();
			expect(statuses(answers) === "200 404", `the answers are ${statuses(answers)}`);
			return `${tuple}: HTTP 200, HTTP 404`;
		},
	},
	{
		name: "E asks to upgrade without a password: the server refuses before any 101",
		async run(story) {
			const e = await story.dial();
			const tuple = story.tuple(e.localPort ?? 0, "http");
			const key = "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
			const ask = head("GET /members", `Connection: Upgrade\r\nUpgrade: websocket\r\n${key}`);
			const answers = await exchange(e, ask, (text) => text.includes("\r\n\r\n"));
			e.destroy();
			expect(statuses(answers) === "401", `the answer is ${statuses(answers)}`);
			return `${tuple}: HTTP 401`;
		},
	},
	{
		name: "F asks the same with the password: 101",
		async run(story) {
			const f = await story.open("/members", { authorization: `Basic ${btoa("demo:demo")}` });
			const tuple = story.tupleOf(f);
			f.socket.close(1000);
			await f.socket.closed;
			return `${tuple}: WebSocket`;
		},
	},
	{
		name: "G sends a request that a proxy might read differently (two lengths): refused, and only G is cut off",
		async run(story) {
			const g = await story.dial();
			const tuple = story.tuple(g.localPort ?? 0, "http");
			const answers = await exchange(g, head("POST /hello", "Content-Length: 4\r\nContent-Length: 5\r\n"), () => false);
			g.destroy();
			expect(statuses(answers) === "400", `the answer is ${statuses(answers)}`);
			return `${tuple}: HTTP 400, closed; A ${story.tupleOf(story.a)}: WebSocket`;
		},
	},
	{
		name: "the ping that keeps a quiet connection alive through proxies is answered",
		async run(story) {
			await story.a.socket.ping();
			return `A ${story.tupleOf(story.a)}: pong`;
		},
	},
	{
		name: "C closes: its own socket ends, A and B keep theirs",
		async run(story) {
			const { a, c } = story;
			const ended = story.tupleOf(c);
			c.socket.close(1000, "done");
			const { code, wasClean } = await c.socket.closed;
			expect(code === 1000 && wasClean, `C ended with ${code}`);
			await story.until(() => story.demo.server.connections.length === 2);
			const { localPort } = await story.b.ask("/hello");
			return `C ${ended}: closed, 1000; A ${story.tupleOf(a)}: WebSocket; B ${story.tuple(localPort, "http")}: HTTP`;
		},
	},
	{
		name: "the server closes: A hears 1001, and nobody listens any more",
		async run(story) {
			const { a, demo, port } = story;
			const ended = story.tupleOf(a);
			const [{ code, by }] = await Promise.all([a.socket.closed, demo.close()]);
			expect(code === 1001 && by === "peer", `A ended with ${code} by ${by}`);
			const refused = await dialled(port).then(
				() => "somebody listens",
				(error: NodeJS.ErrnoException) => error.code,
			);
			expect(refused === "ECONNREFUSED", `a new connection: ${refused}`);
			return `A ${ended}: closed, 1001; tcp 127.0.0.1:${port}: connection refused`;
		},
	},
];

function same(told: Told, wanted: Told): void {
	expect(
		JSON.stringify(told) === JSON.stringify(wanted),
		`came ${JSON.stringify(told)}, not ${JSON.stringify(wanted)}`,
	);
}

/** Holds this turn of the event loop, in which nothing can be accepted, until the system has queued the burst. */
async function waitInQueue(story: Story): Promise<number | null> {
	// Node connects in the turn's last moments: behind them, the connections are the system's.
	await new Promise<void>((resolve) => process.nextTick(resolve));
	for (let attempt = 0; attempt < 1000; attempt++) {
		const waiting = story.demo.queue();
		if (waiting === null || waiting >= BURST) return waiting;
		Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
	}
	return story.demo.queue();
}
