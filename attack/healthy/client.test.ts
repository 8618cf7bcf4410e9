import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { openClient } from "../../bench/load/client.ts";
import { frameHeader, masked } from "../../bench/load/frames.ts";
import { Client, PACE } from "./client.ts";

/** Bytes of the header of a short frame, and of a masking key. */
const HEADER = 2;
const KEY = 4;
const OPEN = { ask: "open", port: 1, server: "echo" } as const;

beforeEach(() => void vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] }));
afterEach(() => void vi.useRealTimers());

/** A connection to an echo server that answers when it is told to. */
class Echo {
	destroyed = false;
	readonly taken: Buffer[] = [];
	private readonly receiver: Parameters<typeof openClient>[1];

	constructor(receiver: Parameters<typeof openClient>[1]) {
		this.receiver = receiver;
	}

	write(frame: Uint8Array): boolean {
		const bytes = Buffer.from(frame);
		const key = bytes.subarray(HEADER, HEADER + KEY);
		this.taken.push(masked(bytes.subarray(HEADER + KEY), key));
		return true;
	}

	resetAndDestroy(): this {
		this.destroyed = true;
		return this;
	}

	/** Answers all that has come. */
	answer(): void {
		for (const payload of this.taken.splice(0))
			this.receiver.received(Buffer.concat([frameHeader("text", payload.length, false), payload]));
	}
}

function echoed(): { client: Client; echo: () => Echo } {
	let latest: Echo | null = null;
	const client = new Client(async (_port, receiver) => {
		latest = new Echo(receiver);
		return latest as unknown as Awaited<ReturnType<typeof openClient>>;
	});
	return { client, echo: () => latest! };
}

test("what it sends and gets back is not lost", async () => {
	const { client, echo } = echoed();
	await client.perform(OPEN);
	await client.perform({ ask: "begin" });
	vi.advanceTimersByTime(3 * PACE);
	echo().answer();
	expect(await client.perform({ ask: "finish" })).toMatchObject({ sent: 3, lost: 0, failure: null });
});

test("behind an attack that the server did not survive, it sends nothing until it begins again", async () => {
	const { client, echo } = echoed();
	await client.perform(OPEN);
	await client.perform({ ask: "begin" });
	await client.perform({ ask: "close" });
	await client.perform(OPEN);
	vi.advanceTimersByTime(10 * PACE);
	expect(echo().taken).toEqual([]);
	await client.perform({ ask: "begin" });
	vi.advanceTimersByTime(2 * PACE);
	echo().answer();
	expect(await client.perform({ ask: "finish" })).toMatchObject({ sent: 2, lost: 0 });
});

test("what comes on a connection of an earlier attack counts for nothing", async () => {
	const { client, echo } = echoed();
	await client.perform(OPEN);
	await client.perform({ ask: "begin" });
	vi.advanceTimersByTime(2 * PACE);
	const earlier = echo();
	await client.perform({ ask: "close" });
	await client.perform(OPEN);
	await client.perform({ ask: "begin" });
	earlier.answer();
	expect(await client.perform({ ask: "finish" })).toMatchObject({ sent: 0, lost: 0 });
});

test("it does not begin twice", async () => {
	const { client } = echoed();
	await client.perform(OPEN);
	await client.perform({ ask: "begin" });
	await expect(client.perform({ ask: "begin" })).rejects.toThrow("it sends already");
	await client.perform({ ask: "close" });
});
