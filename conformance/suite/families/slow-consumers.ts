import assert from "node:assert/strict";
import type { Server, SlowPolicy, Socket } from "@barewire/endpoint";
import { utf8 } from "../../arbitraries/bytes.ts";
import { Inbox } from "../../interop/inbox.ts";
import { handshake, portOf, RawClient } from "../../raw-client.ts";
import { type Case, family } from "../case.ts";
import type { Runtime } from "../runtime.ts";
import { passTurns } from "../turns.ts";
import { frame, frameFor, frameIn } from "../wire-frames.ts";

const MEBIBYTE = 1 << 20;

/** More than the system keeps for one socket. */
const FILLING = 16;

const ROUNDS = 20;
const KEYS = ["a", "b", "c", "d", "e"];

/** What is published, in rounds: the key, and how often it was before. Behind it comes what makes it long. */
const VALUES: readonly string[] = Array.from({ length: ROUNDS }, (_, round) =>
	KEYS.map((key) => `${key} ${round}`),
).flat();
const PADDING = "x".repeat(1_000);

interface Reader {
	readonly client: RawClient;
	readonly socket: Socket;
	/** The texts that came, and Close frames by their code. */
	received(): string[];
}

async function subscribe(server: Server, opened: Inbox<Socket>): Promise<Reader> {
	const client = await RawClient.open(portOf(server));
	client.write(handshake(portOf(server)));
	const { length } = await client.until(/\r\n\r\n/);
	const received = (): string[] => {
		const texts: string[] = [];
		let rest: Uint8Array = client.bytes.subarray(length);
		for (let found = frameIn("server", rest); found !== null; found = frameIn("server", rest)) {
			rest = rest.subarray(found.size);
			const [first] = found.frame;
			if (first === 0x88) texts.push(`Close ${Buffer.from(found.frame).readUInt16BE(2)}`);
			if (first !== 0x81) continue;
			const header = found.frame[1] < 126 ? 2 : 4;
			texts.push(Buffer.from(found.frame.subarray(header)).toString("latin1").replace(PADDING, ""));
		}
		return texts;
	};
	return { client, socket: await opened.next(), received };
}

/** One that reads and one that has stopped to, while all of it is published. */
async function publishAll(runtime: Runtime, slow: SlowPolicy) {
	const opened = new Inbox<Socket>();
	const told: string[] = [];
	const server = await runtime.serve({
		port: 0,
		keepAlive: false,
		slow,
		observe: (observed) => {
			if (observed.type === "slow-consumer") told.push(observed.action);
		},
		open(socket) {
			socket.subscribe("values");
			opened.push(socket);
		},
	});
	const fast = await subscribe(server, opened);
	const stopped = await subscribe(server, opened);
	stopped.client.socket.pause();
	for (let i = 0; i < FILLING; i++) stopped.socket.send(new Uint8Array(MEBIBYTE));
	await passTurns(100);
	let most = 0;
	let count = 0;
	const before = stopped.socket.bufferedAmount;
	for (const [at, value] of VALUES.entries()) {
		count += server.publish("values", value + PADDING, { key: value.slice(0, 1) });
		most = Math.max(most, stopped.socket.bufferedAmount - before);
		// What one turn publishes must not be more than may wait for those that read.
		if (at % KEYS.length === KEYS.length - 1) await fast.client.untilTail(value + PADDING);
	}
	assert.deepEqual(fast.received(), VALUES);
	const leave = async (): Promise<void> => {
		for (const { client } of [fast, stopped]) await client.reset();
		await server.close();
	};
	return { server, stopped, told, count, most, leave };
}

/** It reads again, and gets what is published then. */
async function readsAgain({ server, stopped }: Awaited<ReturnType<typeof publishAll>>): Promise<string[]> {
	stopped.client.socket.resume();
	await stopped.socket.drained();
	assert.equal(server.publish("values", "again"), 2);
	await stopped.client.untilTail("again");
	return stopped.received();
}

export const slowConsumers: readonly Case[] = family("slow consumers", "server", {
	async "wait: one that reads again gets all of it"(runtime) {
		const published = await publishAll(runtime, "wait");
		assert.deepEqual([published.count, published.told], [2 * VALUES.length, []]);
		assert.deepEqual(await readsAgain(published), [...VALUES, "again"]);
		await published.leave();
	},
	async "drop: one that reads again has missed what came meanwhile"(runtime) {
		const published = await publishAll(runtime, "drop");
		assert.deepEqual([published.count, published.most, published.told], [VALUES.length, 0, ["dropped"]]);
		assert.deepEqual(await readsAgain(published), ["again"]);
		await published.leave();
	},
	async "latest: one that reads again gets the newest value of each key"(runtime) {
		const published = await publishAll(runtime, "latest");
		assert.deepEqual([published.count, published.told], [2 * VALUES.length, ["replaced"]]);
		assert.ok(published.most < KEYS.length * 1_200, `${published.most} bytes wait`);
		assert.deepEqual(await readsAgain(published), [...VALUES.slice(-KEYS.length), "again"]);
		await published.leave();
	},
	async "disconnect: it gets 1013 behind what had left"(runtime) {
		const published = await publishAll(runtime, "disconnect");
		const { stopped, told, count } = published;
		assert.deepEqual([count, told], [VALUES.length, ["disconnected"]]);
		assert.equal(stopped.socket.readyState, "closing");
		stopped.client.write(frameFor("server", frame(0x88, Uint8Array.of(0x03, 0xf5))));
		stopped.client.socket.resume();
		await stopped.client.ended;
		assert.deepEqual(stopped.received(), ["Close 1013"]);
		stopped.client.socket.end();
		const { code, wasClean, by } = await stopped.socket.closed;
		assert.deepEqual([code, wasClean, by], [1013, true, "local"]);
		await published.leave();
	},
	async "a value that waits goes on as one frame, however the peer reads"(runtime) {
		const published = await publishAll(runtime, "latest");
		const { server, stopped } = published;
		for (let round = 0; round < 3; round++) {
			server.publish("values", utf8(`b ${round}`.repeat(50_000)), { key: "large" });
			await passTurns(3);
		}
		stopped.client.socket.resume();
		await stopped.socket.drained();
		server.publish("values", "again");
		await stopped.client.untilTail("again");
		const [binary, text] = [stopped.client.text.indexOf("b 2b 2"), stopped.client.text.lastIndexOf("again")];
		assert.equal(text - binary, 3 * 50_000 + 2);
		assert.equal(stopped.client.text.includes("b 1b 1"), false);
		await published.leave();
	},
});
