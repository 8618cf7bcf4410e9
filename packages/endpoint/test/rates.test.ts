import { expect, test } from "vitest";
import { MemoryNetwork } from "../src/memory/index.ts";
import type { Observed } from "../src/observe.ts";
import type { ServerOptions } from "../src/server-options.ts";
import type { ClosedEvent } from "../src/socket.ts";
import { CLOSE, masked } from "./conversation.ts";
import { upgraded } from "./raw-peer.ts";

async function flooded(options: Partial<ServerOptions<undefined>>) {
	const network = new MemoryNetwork();
	const messages: unknown[] = [];
	const observed: Observed[] = [];
	const ended: ClosedEvent[] = [];
	await network.serve(80, {
		keepAlive: false,
		observe: (event) => void observed.push(event),
		...options,
		message: (_socket, message) => void messages.push(message),
		close: (_socket, event) => void ended.push(event),
	});
	const peer = await upgraded(network);
	return { network, peer, messages, observed, ended };
}

/** The two ends of the latest connection: the client's, the server's. */
function serverSide(network: MemoryNetwork) {
	return network.streams.at(-1)![1];
}

test("a peer that sends too fast is read later: the stream is paused, nothing is lost, and `observe` is told once for each pause", async () => {
	const { network, peer, messages, observed } = await flooded({ limits: { maxMessagesPerSecond: 20 } });
	let paused = 0;
	let resumed = 0;
	const stream = serverSide(network);
	const [pause, resume] = [stream.pause.bind(stream), stream.resume.bind(stream)];
	stream.pause = () => {
		paused++;
		pause();
	};
	stream.resume = () => {
		resumed++;
		resume();
	};
	for (let i = 0; i < 27; i++) await peer.send(masked(0x81, `${i}`));
	expect([messages.length, paused, resumed]).toEqual([20, 1, 0]);
	await network.clock.advance(300);
	expect([messages.length, paused, resumed]).toEqual([25, 2, 1]);
	await network.clock.advance(300);
	expect(messages).toEqual(Array.from({ length: 27 }, (_, i) => `${i}`));
	expect([paused, resumed]).toEqual([2, 2]);
	const limit = { type: "limit", limit: "maxMessagesPerSecond", connection: { speaks: "websocket" } };
	expect(observed.filter(({ type }) => type === "limit")).toMatchObject([limit, limit]);
});

test("bytes: the same", async () => {
	const { network, peer, messages, observed } = await flooded({ limits: { maxBytesPerSecond: 1_000 } });
	await peer.send(masked(0x82, new Uint8Array(5_000)));
	await peer.send(masked(0x81, "behind it"));
	await network.clock.advance(4_200);
	expect(messages).toHaveLength(1);
	await network.clock.advance(100);
	expect(messages[1]).toBe("behind it");
	expect(observed.filter(({ type }) => type === "limit")).toMatchObject([{ limit: "maxBytesPerSecond" }]);
});

test("it is not taken for one that is silent, and its end comes behind its messages", async () => {
	const { network, peer, messages, ended } = await flooded({
		limits: { maxMessagesPerSecond: 1 },
		keepAlive: { interval: 500, timeout: 400 },
	});
	await peer.send(masked(0x81, "1"));
	await peer.send(masked(0x81, "2"));
	await peer.send(masked(0x81, "3"));
	await peer.send(CLOSE);
	await network.clock.advance(2_900);
	expect([messages, ended]).toEqual([["1", "2", "3"], []]);
	await network.clock.advance(200);
	peer.stream.end();
	await network.clock.advance(50);
	expect(ended).toMatchObject([{ code: 1000, wasClean: true }]);
});

test("a stream that is gone: what came before is told at once", async () => {
	const { network, peer, messages, ended } = await flooded({ limits: { maxMessagesPerSecond: 1 } });
	await peer.send(new Uint8Array([...masked(0x81, "1"), ...masked(0x81, "2"), ...masked(0x81, "3")]));
	serverSide(network).destroy();
	await network.clock.advance(50);
	expect([messages, ended.length]).toEqual([["1", "2", "3"], 1]);
});

test("an unfinished message whose rest does not come: 1008", async () => {
	const { network, peer, ended } = await flooded({ timeouts: { message: 1_000 } });
	await peer.send(masked(0x81, "too late").subarray(0, 9));
	await network.clock.advance(950);
	expect(ended).toEqual([]);
	peer.takeHex();
	await network.clock.advance(100);
	expect(peer.takeHex()).toMatch(/^88..03f0/);
	peer.stream.end();
	await network.clock.advance(50);
	expect(ended).toMatchObject([{ by: "local", error: { kind: "message-timeout", closeCode: 1008 } }]);
});
