import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { MemoryNetwork, VirtualClock } from "../src/memory/index.ts";
import type { Platform } from "../src/platform.ts";
import { hastenScavenge } from "../src/young-garbage.ts";

test("the platform is told of large chunks alone", async () => {
	const told: number[] = [];
	const clock: VirtualClock & Pick<Platform, "largeChunk"> = new VirtualClock();
	Object.assign(clock, { largeChunk: (bytes: number) => void told.push(bytes) });
	const network = new MemoryNetwork(clock);
	const server = await network.serve(80, { message() {} });
	const socket = await network.connect("ws://memory/");
	socket.send(new Uint8Array(1_000));
	await clock.advance(1);
	expect(told).toEqual([]);
	socket.send(new Uint8Array(40_000));
	await clock.advance(1);
	expect(told).toHaveLength(1);
	expect(told[0]).toBeGreaterThan(32 * 1024);
	void server.close();
	await clock.advance(60_000);
});

test("dead bytes are freed long before as many have come as V8 waits for", () => {
	setFlagsFromString("--expose-gc");
	const collect = runInNewContext("gc") as () => void;
	collect();
	let most = 0;
	const before = process.memoryUsage().arrayBuffers;
	for (let i = 0; i < 200; i++) {
		new Uint8Array(1 << 20).fill(1);
		for (let chunk = 0; chunk < 16; chunk++) hastenScavenge(1 << 16);
		most = Math.max(most, process.memoryUsage().arrayBuffers - before);
	}
	expect(most).toBeLessThan(64 << 20);
});
