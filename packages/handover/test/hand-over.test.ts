import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { connect as tcp } from "node:net";
import { fileURLToPath } from "node:url";
import { connect, type Server, serve } from "@barewire/transport-node";
import { afterEach, beforeEach, expect, test } from "vitest";
import { distribute, handOver, receiveHandOvers } from "../src/index.ts";
import { numbered, type State } from "./programs/serving.ts";

const PROGRAM = fileURLToPath(new URL("programs/numbered.ts", import.meta.url));

let child: ChildProcess;
let server: Server<State>;
let told: unknown[];

beforeEach(async () => {
	told = [];
	child = fork(PROGRAM, { execArgv: ["--conditions=source"] });
	await once(child, "message");
	child.on("message", (value: { barewire?: unknown }) => {
		if (value.barewire === undefined) told.push(value);
	});
	server = await numbered((value) => told.push(value));
	receiveHandOvers(server as never, child as never);
});

afterEach(async () => {
	child.kill("SIGKILL");
	await server.close({ deadline: 0 });
});

const url = (): string => {
	const { address } = server;
	return `ws://127.0.0.1:${address.transport === "tcp" ? address.port : 0}`;
};

const next = async (wanted: string): Promise<unknown> => {
	for (;;) {
		const at = told.findIndex((value) => wanted in (value as object));
		if (at >= 0) return told.splice(at, 1)[0];
		await new Promise((resolve) => setImmediate(resolve));
	}
};

const here = () => [...server.sockets][0] as never;

/** Checks the numbers of the answers. */
function numbers(): { received: number; wrong: number; take(message: unknown): void } {
	return {
		received: 0,
		wrong: 0,
		take(message) {
			const [number, wrong] = `${message}`.split(" ", 2).map(Number);
			if (number !== this.received || wrong !== 0) this.wrong++;
			this.received++;
		},
	};
}

test.each([false, true])(
	"loses, repeats and swaps nothing when it moves under traffic (compression: %s)",
	async (compression) => {
		const seen = numbers();
		const client = await connect(url(), {
			compression,
			message: (_socket, message) => seen.take(message),
		});
		let sent = 0;
		let runs = true;
		const traffic = (async () => {
			while (runs) {
				for (let i = 0; i < 40; i++) client.send(`${sent++} ${i % 5 === 0 ? 20_000 : 1}`);
				while (sent - seen.received > 400) await new Promise((resolve) => setImmediate(resolve));
				await new Promise((resolve) => setImmediate(resolve));
			}
		})();
		for (let i = 0; i < 10; i++) {
			await handOver(here(), child as never, { deadline: 20_000 });
			await next("adopted");
			child.send({ handOver: true });
			expect(await next("moved")).toEqual({ moved: "handover" });
			await next("adopted");
		}
		runs = false;
		await traffic;
		while (seen.received < sent) await new Promise((resolve) => setImmediate(resolve));
		expect({ ...seen, take: null }).toEqual({ received: sent, wrong: 0, take: null });
		client.close();
		expect((await client.closed).wasClean).toBe(true);
		expect(told.filter((value) => "error" in (value as object))).toEqual([]);
	},
);

test("many moves at once share the listeners of the channel, and leave none", async () => {
	const events = ["message", "disconnect", "exit"];
	const before = events.map((event) => child.listenerCount(event));
	const clients = await Promise.all(Array.from({ length: 20 }, () => connect(url())));
	const moves = [...server.sockets].map((socket) => handOver(socket as never, child as never));
	const most = events.map(() => 0);
	let runs = true;
	const all = Promise.all(moves).finally(() => {
		runs = false;
	});
	while (runs) {
		for (const [i, event] of events.entries()) most[i] = Math.max(most[i]!, child.listenerCount(event));
		await new Promise((resolve) => setImmediate(resolve));
	}
	await all;
	expect(most.map((count, i) => count - before[i]!)).toEqual([1, 1, 1]);
	expect(events.map((event) => child.listenerCount(event))).toEqual(before);
	for (const client of clients) client.terminate();
});

test("moves what a peer that does not read has not taken", async () => {
	const seen = numbers();
	const client = await connect(url());
	for (let i = 0; i < 100; i++) client.send(`${i} 200000`);
	const socket = here() as unknown as { bufferedAmount: number };
	while (socket.bufferedAmount < 10_000_000) await new Promise((resolve) => setImmediate(resolve));
	await handOver(here(), child as never);
	await next("adopted");
	for await (const message of client) {
		seen.take(message);
		if (seen.received === 100) break;
	}
	expect(seen.wrong).toBe(0);
	client.terminate();
});

test("ends what belongs to the socket here, and runs handedOver", async () => {
	const client = await connect(url());
	await Promise.resolve();
	const socket = [...server.sockets][0]!;
	const { signal } = socket;
	const ping = socket.ping();
	const moved = handOver(socket as never, child as never);
	await moved;
	expect((await socket.closed).by).toBe("handover");
	expect(signal.aborted).toBe(true);
	expect(() => socket.send("x")).toThrow(expect.objectContaining({ code: "ERR_HANDED_OVER" }));
	await expect(socket.ping()).rejects.toMatchObject({ code: "ERR_HANDED_OVER" });
	await ping.catch((error: { code: string }) => expect(error.code).toBe("ERR_HANDED_OVER"));
	await next("handedOver");
	expect(server.sockets.size).toBe(0);
	child.send({ publish: "to all" });
	for await (const message of client) {
		expect(message).toBe("to all");
		break;
	}
	client.terminate();
});

test("goes on here when the other process refuses, is gone, or a handler does not return", async () => {
	let release = (): void => {};
	const busy = await serve({
		port: 0,
		hostname: "127.0.0.1",
		message: (socket, message) =>
			new Promise<void>((resolve) => {
				release = resolve;
				socket.send(message);
			}),
	});
	const { address } = busy;
	const client = await connect(`ws://127.0.0.1:${address.transport === "tcp" ? address.port : 0}`);
	const messages = client[Symbol.asyncIterator]();
	client.send("1");
	await messages.next();
	const [socket] = busy.sockets;
	await expect(handOver(socket as never, child as never, { deadline: 1 })).rejects.toMatchObject({
		code: "ERR_HANDOVER_BUSY",
	});
	release();
	client.send("2");
	expect((await messages.next()).value).toBe("2");
	release();
	child.kill("SIGKILL");
	await once(child, "exit");
	await expect(handOver(socket as never, child as never)).rejects.toMatchObject({ code: "ERR_HANDOVER_NO_ANSWER" });
	client.send("3");
	expect((await messages.next()).value).toBe("3");
	release();
	await busy.close({ deadline: 0 });
});

test("the connection ends, seen by its peer, when the process that has it is killed", async () => {
	const client = await connect(url());
	const other = await connect(url());
	await handOver(here(), child as never);
	await next("adopted");
	child.kill("SIGKILL");
	expect((await client.closed).wasClean).toBe(false);
	expect(other.readyState).toBe("open");
	other.terminate();
});

test("gives a new connection, with the bytes that were read, to the process that the application chooses", async () => {
	const targets: string[] = [];
	const distributor = await distribute({
		choose: ({ target }) => {
			targets.push(target);
			return child as never;
		},
	});
	const client = await connect(`ws://127.0.0.1:${distributor.port}/chat`);
	client.send("0");
	for await (const message of client) {
		expect(message).toBe("0 0 ");
		break;
	}
	expect(targets).toEqual(["/chat"]);
	const raw = tcp(distributor.port, "127.0.0.1");
	raw.write("nonsense\r\n\r\n");
	await once(raw, "close");
	client.terminate();
	await distributor.close();
});

/** A channel in which one message kills the child, before or after it is passed on. */
function killing(type: string, when: "before" | "after"): ChildProcess {
	return new Proxy(child, {
		get(target, name) {
			if (name !== "send")
				return typeof target[name as never] === "function"
					? (target[name as never] as () => void).bind(target)
					: target[name as never];
			return (message: { type: string }, ...rest: never[]) => {
				const [handle, options, callback] = rest;
				if (message.type === type && when === "before") child.kill("SIGKILL");
				const passed = target.send(message, handle, options, callback);
				if (message.type === type && when === "after") child.kill("SIGKILL");
				return passed;
			};
		},
	});
}

test.each(["before", "after"] as const)("goes on here when the other process is killed %s the offer", async (when) => {
	const client = await connect(url());
	const outcome = await handOver(here(), killing("offer", when) as never).catch(
		(error: { code: string }) => error.code,
	);
	if (outcome === undefined) return expect((await client.closed).wasClean).toBe(false);
	expect(outcome).toBe("ERR_HANDOVER_NO_ANSWER");
	client.send("0");
	for await (const message of client) {
		expect(message).toBe("0 0 ");
		break;
	}
	client.terminate();
});

test.each(["before", "after"] as const)(
	"the peer sees the end when the other process is killed %s `go`",
	async (when) => {
		const client = await connect(url());
		const other = await connect(url());
		await handOver(here(), killing("go", when) as never).catch((error: { code: string }) =>
			expect(error.code).toBe("ERR_HANDOVER_LOST"),
		);
		expect((await client.closed).wasClean).toBe(false);
		expect(other.readyState).toBe("open");
		other.terminate();
	},
);

test("a socket of the child whose owner is killed after its offer ends, and leaves nothing here", async () => {
	const client = await connect(url());
	await handOver(here(), child as never);
	await next("adopted");
	child.send({ handOver: true });
	child.send({ kill: true });
	if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
	// Either it was handed over before the end, or its peer sees the end.
	await new Promise((resolve) => setImmediate(resolve));
	if (server.sockets.size === 0) expect((await client.closed).wasClean).toBe(false);
	client.terminate();
});
