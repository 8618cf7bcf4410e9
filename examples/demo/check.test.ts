import type { Socket } from "@barewire/transport-node";
import { expect, test } from "vitest";
import type { Visitor } from "./broadcasts.ts";
import { play, type Step } from "./check/play.ts";
import { STEPS } from "./check/steps.ts";
import type { Story } from "./check/story.ts";
import type { WebClient } from "./check/web-client.ts";
import { type Change, type Demo, startDemo } from "./demo.ts";

/** One way in which the demo can be broken. */
interface Sabotage {
	/** In the handlers. */
	readonly change?: Change;
	/** In the running demo. */
	readonly wrap?: (demo: Demo) => Demo;
	/** Done to the story right before the step. */
	readonly before?: (story: Story) => Promise<void> | void;
}

async function tell(steps: readonly Step[], { change, wrap = (demo) => demo }: Sabotage = {}, patience?: number) {
	const lines: string[] = [];
	const start = async () => wrap(await startDemo({ hostname: "127.0.0.1", port: 0 }, () => {}, change));
	const code = await play(steps, start, (line) => lines.push(line), patience);
	return { code, lines, failed: lines.filter((line) => line.startsWith("FAIL")).map((line) => line.slice(9)) };
}

test("the story holds: every step is ok, each with a 5-tuple", async () => {
	const { code, lines, failed } = await tell(STEPS);
	expect(failed).toEqual([]);
	expect(code).toBe(0);
	expect(lines.filter((line) => line.startsWith("ok "))).toHaveLength(STEPS.length);
	expect(lines.filter((line) => line.includes("tcp 127.0.0.1:"))).toHaveLength(STEPS.length);
});

const answering =
	(status: number): Change =>
	(options) => ({ ...options, fetch: () => new Response("no", { status }) });

/** Has the server read the messages otherwise than they were sent. */
const misreading =
	(from: string, to: string): Change =>
	(options) => ({
		...options,
		message: (socket, message) => options.message?.(socket, String(message).replace(from, to)),
	});

/** Each request costs every WebSocket its life. */
const jealous: Change = (options) => {
	const sockets = new Set<Socket<Visitor>>();
	return {
		...options,
		open(socket) {
			sockets.add(socket);
			return options.open?.(socket);
		},
		async fetch(request, info) {
			for (const socket of sockets) socket.terminate();
			await Promise.all([...sockets].map(({ closed }) => closed));
			return options.fetch!(request, info);
		},
	};
};

async function gone({ socket }: WebClient): Promise<void> {
	socket.terminate();
	await socket.closed;
}

const member = { authorization: `Basic ${btoa("demo:demo")}` };

const SABOTAGES: Readonly<Record<string, readonly [step: string, sabotage: Sabotage]>> = {
	"a connection is missing in the queue": ["eight clients connect", { wrap: (demo) => ({ ...demo, queue: () => 7 }) }],
	"nobody is let in": [
		"A asks to upgrade",
		{ change: (o) => ({ ...o, upgrade: () => new Response("no", { status: 404 }) }) },
	],
	"HTTP is answered with an error": ["B asks plain HTTP", { change: answering(500) }],
	"HTTP is answered with something else": ["B asks plain HTTP", { change: answering(200) }],
	"an HTTP request cuts the WebSockets off": ["B asks plain HTTP", { change: jealous }],
	"C's request makes A leave": ["C upgrades", { before: ({ a }) => gone(a) }],
	"a note is garbled": ["A sends C", { change: misreading("hello from C", "hello from D") }],
	"another value is told": ["A changes the value", { change: misreading('"value":64', '"value":65') }],
	"B's connection is not kept": ["B asks again", { before: ({ b }) => b.end() }],
	"the password is not looked at": [
		"E asks to upgrade",
		{ change: (o) => ({ ...o, upgrade: ({ url }, info) => o.upgrade!(new Request(url, { headers: member }), info) }) },
	],
	"the password is not believed": [
		"F asks the same",
		{ change: (o) => ({ ...o, upgrade: ({ url }, info) => o.upgrade!(new Request(url), info) }) },
	],
	"nobody answers pings": ["the ping", { before: ({ a }) => a.socket.terminate() }],
	"C has been cut off": ["C closes", { before: ({ c }) => gone(c) }],
	"the server closes with another code": [
		"the server closes",
		{ wrap: (demo) => ({ ...demo, close: () => demo.server.close({ code: 4000 }) }) },
	],
};

test.each(Object.entries(SABOTAGES))("%s: that step fails by its name", async (_what, [start, sabotage]) => {
	const broken = STEPS.filter(({ name }) => name.startsWith(start));
	expect(broken).toHaveLength(1);
	const { before } = sabotage;
	const steps = STEPS.map((step): Step => {
		if (before === undefined || step !== broken[0]) return step;
		return {
			name: step.name,
			run: async (story) => {
				await before(story);
				return step.run(story);
			},
		};
	});
	const { code, failed, lines } = await tell(steps, sabotage);
	expect(failed, lines.join("\n")).toEqual([broken[0]!.name]);
	expect(code).toBe(1);
});

test("a step that never ends fails when the patience is over, and the later ones are not tried", async () => {
	const never: Step = { name: "waits for ever", run: () => new Promise(() => {}) };
	const later: Step = { name: "later", run: () => Promise.reject(new Error("was tried")) };
	const { code, lines } = await tell([never, later], {}, 1);
	expect(lines).toEqual(["FAIL  1  waits for ever", "         not within 1 ms"]);
	expect(code).toBe(1);
});
