// What is done to links, and how soon both ends of a connection must have found out. Each row has both roles: client and server
// are of the same runtime.
import assert from "node:assert/strict";
import type { Connect, Serve, Socket } from "@barewire/endpoint";
import { makePayload, randomNumbers } from "../../bench/load/payload.ts";
import type { Fault } from "../../conformance/suite/link.ts";
import { converse, type Linked, overLink, shortly, waiting } from "../../conformance/suite/linked.ts";
import { dropped, setLink } from "./namespace.ts";

/** A runtime's adapter. */
export interface Adapter {
	readonly serve: Serve;
	readonly connect: Connect;
}

/** What a row found. Rejects where something was not as it should be. */
export interface Outcome {
	readonly took: number;
	readonly limit: number;
	readonly note?: string;
}

type Row = (adapter: Adapter, short: boolean) => Promise<Outcome>;

/** What the timers' steps of 50 ms and a busy machine may add to a stated time. README.md argues the number. */
const MARGIN = 1500;
const AT_ONCE = 10;
const MEBIBYTE = 1 << 20;
const KIBIBYTE = 1 << 10;

interface Pair {
	readonly client: Socket;
	readonly server: Socket;
}

async function pairs({ connect, opened }: Linked, count: number): Promise<Pair[]> {
	const all: Pair[] = [];
	for (let i = 0; i < count; i++) all.push({ client: await connect(), server: await opened.next() });
	return all;
}

/** Settles when all that both ends of all connections wait for has: in how many milliseconds. */
async function allSettled(all: readonly Pair[], begin: number): Promise<number> {
	await Promise.all(all.flatMap(({ client, server }) => [waiting(client), waiting(server)]));
	return performance.now() - begin;
}

async function assertEnds(all: readonly Pair[], kinds: readonly (string | number)[]): Promise<void> {
	for (const { client, server } of all) {
		for (const [role, socket] of Object.entries({ client, server })) {
			const how = shortly(await socket.closed);
			assert.ok(kinds.includes(how), `the ${role} ended with ${how} instead of ${kinds.join(" or ")}`);
		}
	}
}

/** A failed connection says so to its peer, and is cut when no answer comes: after interval, timeout and `closing`. */
const timesOf = (short: boolean) => {
	const each = short ? 500 : 2000;
	return {
		options: { keepAlive: { interval: each, timeout: each }, timeouts: { closing: each } },
		limit: 3 * each + MARGIN,
	} as const;
};

const silence: Row = async (adapter, short) => {
	const { options, limit } = timesOf(short);
	let took = 0;
	await overLink(adapter, {}, options, async (linked) => {
		const all = await pairs(linked, AT_ONCE);
		linked.link.break("silence");
		took = await allSettled(all, performance.now());
		await assertEnds(all, ["keepalive-timeout"]);
	});
	return { took, limit };
};

const stall: Row = async (adapter, short) => {
	const stalled = short ? 1000 : 4000;
	let took = 0;
	await overLink(adapter, {}, { keepAlive: false, timeouts: { stalled } }, async (linked) => {
		const all = await pairs(linked, 1);
		linked.link.break("stall");
		for (const { client, server } of all)
			for (const socket of [client, server]) for (let i = 0; i < 16; i++) socket.send(new Uint8Array(MEBIBYTE));
		// To mask so much takes a while.
		took = await allSettled(all, performance.now());
		await assertEnds(all, ["stalled-timeout"]);
	});
	return { took, limit: stalled + MARGIN };
};

const handshake: Row = async (adapter, short) => {
	const time = short ? 500 : 2000;
	let took = 0;
	const fault = { after: 40, kind: "silence" } as const;
	await overLink(adapter, { down: { fault } }, { timeouts: { handshake: time } }, async ({ connect, link }) => {
		const begin = performance.now();
		const codes = await Promise.all(
			Array.from({ length: AT_ONCE }, () =>
				connect().then(
					() => "open",
					(error: Error & { code?: string }) => error.code,
				),
			),
		);
		took = performance.now() - begin;
		assert.deepEqual(new Set(codes), new Set(["ERR_HANDSHAKE_TIMED_OUT"]));
		link.break("reset");
	});
	return { took, limit: time + MARGIN };
};

const closing: Row = async (adapter, short) => {
	const time = short ? 500 : 2000;
	let took = 0;
	await overLink(adapter, {}, { keepAlive: false, timeouts: { closing: time } }, async (linked) => {
		const all = await pairs(linked, AT_ONCE);
		linked.link.break("silence");
		const begin = performance.now();
		for (const { client, server } of all) for (const socket of [client, server]) socket.close(4000);
		took = await allSettled(all, begin);
		await assertEnds(all, ["closing-timeout"]);
	});
	return { took, limit: time + MARGIN };
};

const serverClose: Row = async (adapter, short) => {
	const deadline = short ? 500 : 2000;
	let took = 0;
	await overLink(adapter, {}, { keepAlive: false }, async (linked) => {
		await pairs(linked, AT_ONCE);
		linked.link.break("silence");
		const begin = performance.now();
		await linked.server.close({ deadline });
		took = performance.now() - begin;
	});
	return { took, limit: deadline + MARGIN };
};

const slow: Row = async (adapter, short) => {
	const rate = 128 * KIBIBYTE;
	const size = (short ? 64 : 256) * KIBIBYTE;
	const sizes = [0, 1, 126, size, 70_000, size];
	const course = { rate, latency: 50 };
	// What comes counts as a sign of life, so a link that is slow and busy is not taken for one that is gone.
	const options = { keepAlive: { interval: 500, timeout: 1500 } };
	const begin = performance.now();
	await overLink(adapter, { up: course, down: course }, options, (linked) => converse(linked, sizes));
	const bytes = sizes.reduce((sum, each) => sum + each, 0);
	return {
		took: performance.now() - begin,
		limit: 2 * (bytes / rate) * 1000 + MARGIN,
		note: `${bytes} bytes each way`,
	};
};

/** Cuts connections that are busy, each behind another byte. */
const cuts: Row = async (adapter, short) => {
	const next = randomNumbers(11);
	const count = short ? 20 : 200;
	let longest = 0;
	for (let i = 0; i < count; i++) {
		const kind: Fault = i % 2 === 0 ? "reset" : "end";
		const course = { fault: { after: 600 + (next() >>> 15), kind } };
		await overLink(
			adapter,
			i % 4 < 2 ? { up: course } : { down: course },
			{ compression: i % 3 === 0 },
			async (linked) => {
				const all = await pairs(linked, 1);
				const begin = performance.now();
				for (const { client, server } of all)
					for (const socket of [client, server])
						for (let n = 0; n < 8; n++) socket.send(makePayload("binary", 64 * KIBIBYTE, n + 1));
				longest = Math.max(longest, await allSettled(all, begin));
				await assertEnds(all, kind === "reset" ? ["stream-reset", "stream-ended"] : ["stream-ended", "stream-reset"]);
			},
		);
	}
	return { took: longest, limit: MARGIN, note: `${count} cuts` };
};

const loss: Row = async (adapter, short) => {
	const size = (short ? 128 : 1024) * KIBIBYTE;
	const before = dropped();
	const begin = performance.now();
	await overLink(adapter, {}, {}, (linked) => converse(linked, [0, 1, 126, size, 70_000, size]));
	const lost = dropped() - before;
	assert.ok(lost > 0, "no packet was lost");
	return { took: performance.now() - begin, limit: 60_000, note: `${lost} packets lost` };
};

const gap: Row = async (adapter) => {
	const down = 2000;
	const begin = performance.now();
	await overLink(adapter, {}, {}, async (linked) => {
		const all = await pairs(linked, AT_ONCE);
		setLink("down");
		setTimeout(() => setLink("up"), down);
		// What is sent waits with the system until the link is there again.
		for (const { client } of all) for (let i = 0; i < 100; i++) client.send(`${i}`);
		await Promise.all(all.flatMap(({ client, server }) => [client.ping(), server.ping()]));
		const counts = new Map<string, number>();
		for (let i = 0; i < 100 * all.length; i++) {
			const text = String(await linked.messages.next());
			counts.set(text, (counts.get(text) ?? 0) + 1);
		}
		assert.equal(counts.size, 100);
		for (const { client } of all) client.close(4000);
		await assertEnds(all, [4000]);
	});
	return { took: performance.now() - begin, limit: 30_000, note: `${down} ms without a link` };
};

const partition: Row = async (adapter, short) => {
	const { options, limit } = timesOf(short);
	let took = 0;
	await overLink(adapter, {}, options, async (linked) => {
		const all = await pairs(linked, AT_ONCE);
		setLink("down");
		took = await allSettled(all, performance.now());
		setLink("up");
		await assertEnds(all, ["keepalive-timeout"]);
	});
	return { took, limit };
};

/** Over the proxy, on any machine. */
export const ROWS = { silence, stall, handshake, closing, "server close": serverClose, slow, cuts } as const;

/** In a network namespace, whose link loses packets. */
export const NAMESPACE_ROWS = { loss, gap, partition } as const;

export type RowName = keyof typeof ROWS | keyof typeof NAMESPACE_ROWS;
