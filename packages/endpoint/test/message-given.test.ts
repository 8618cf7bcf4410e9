import { expect, test } from "vitest";
import { MemoryNetwork, settle, VirtualClock } from "../src/memory/index.ts";
import type { ServerOptions } from "../src/server-options.ts";

/** A platform that records the sizes of the messages that the application is given. */
class Recording extends VirtualClock {
	readonly given: number[] = [];
	readonly messageGiven = (size: number): void => void this.given.push(size);
}

async function afterThree(options: Partial<ServerOptions>): Promise<Recording> {
	const clock = new Recording();
	const network = new MemoryNetwork(clock);
	await network.serve(80, { keepAlive: false, ...options });
	const client = await network.connect("ws://localhost");
	client.send("one");
	client.send(new Uint8Array(5));
	client.send("seventh");
	await settle();
	return clock;
}

test("the platform learns of a message when a handler is given it", async () => {
	const { promise, resolve } = Promise.withResolvers<void>();
	const clock = await afterThree({ message: () => promise });
	// The others wait for the handler.
	expect(clock.given).toEqual([3]);
	resolve();
	await settle();
	expect(clock.given).toEqual([3, 5, 7]);
});

test("without a handler, it learns of a message when it has come", async () => {
	const clock = await afterThree({});
	expect(clock.given).toEqual([3, 5, 7]);
});
