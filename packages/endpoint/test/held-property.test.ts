import fc from "fast-check";
import { expect, test } from "vitest";
import { Admission } from "../src/admission.ts";
import { Broadcast } from "../src/broadcast.ts";
import { Context } from "../src/context.ts";
import { Driver } from "../src/driver.ts";
import { HttpSession } from "../src/http-session.ts";
import { MemoryNetwork, settle } from "../src/memory/index.ts";
import { publication } from "../src/publish.ts";
import type { Socket } from "../src/socket.ts";
import { statsOf } from "../src/stats.ts";
import { masked } from "./conversation.ts";
import { RawPeer, UPGRADE } from "./raw-peer.ts";

/** Who holds less is perhaps not counted. */
const LEAST_NOTED = 4096;
const PEERS = 3;
const peer = fc.nat(PEERS - 1);
const size = fc.constantFrom(1, 100, 5_000, 50_000);
const publishedSize = fc.oneof(size, fc.constantFrom(70_000, 600_000));

/** What a message takes besides its bytes: its header, its place in the queue, and what a piece of output costs. */
const OVERHEAD = 400;

const POLICIES = ["wait", "drop", "latest", "disconnect"] as const;

const operation = fc.oneof(
	fc.record({ does: fc.constantFrom("begin", "go on", "end", "message", "send"), peer, size }),
	fc.record({
		does: fc.constantFrom("ping", "stop", "take", "head", "reset", "terminate", "close"),
		peer,
		size: fc.constant(1),
	}),
	fc.record({ does: fc.constantFrom(...POLICIES), peer: fc.constant(0), size: publishedSize }),
	fc.record({ does: fc.constantFrom("answer", "pass"), peer: fc.constant(0), size: fc.nat(3_000) }),
);

function isPolicy(does: string): does is (typeof POLICIES)[number] {
	return (POLICIES as readonly string[]).includes(does);
}

test("whatever happens, the stats are the sums of the connections, and the budget has counted the same", async () => {
	await fc.assert(
		fc.asyncProperty(
			fc.constantFrom(60_000, 200_000, Number.POSITIVE_INFINITY),
			fc.constantFrom(80_000, Number.POSITIVE_INFINITY),
			fc.boolean(),
			fc.array(operation, { maxLength: 40 }),
			async (maxServerBytes, maxBufferedBytes, areStuck, operations) => {
				const network = new MemoryNetwork();
				const sockets: Socket[] = [];
				const waiting: (() => void)[] = [];
				const context = new Context<undefined>(
					network.clock,
					{ keepAlive: false, limits: { maxBufferedBytes } },
					{
						open(socket) {
							sockets.push(socket);
							socket.subscribe("all");
						},
						message: () => new Promise<void>((resolve) => void waiting.push(resolve)),
						// A subscriber for which too much waits is closed.
						error: (error) => expect(error).toMatchObject({ code: "ERR_BUFFER_FULL" }),
					},
					null,
					maxServerBytes,
				);
				// Without one a socket has no topics.
				context.server = {};
				const { drivers, budget } = context;
				const stats = statsOf(context);
				/** Bytes that there are at most, besides the runtime's: each message that came, was sent or published, once. */
				let there = 0;
				if (budget === null) throw new Error("no budget");
				network.listen(80, (stream) => {
					const driver = new Driver(context, stream);
					new HttpSession({ requests: {}, origins: "any", admission: new Admission() }, driver);
					return driver;
				});
				const peers = Array.from({ length: PEERS }, () => RawPeer.dial(network));
				for (const each of peers) await each.send(UPGRADE);
				expect(sockets.map(({ readyState }) => readyState)).toEqual(Array(PEERS).fill("open"));
				if (areStuck) for (const each of peers) each.stream.pause();
				const check = (isNoted: boolean): void => {
					const sums = { connections: drivers.size, held: 0, bufferedAmount: 0 };
					for (const driver of drivers) {
						sums.held += driver.held;
						sums.bufferedAmount += driver.bufferedAmount;
						expect(driver.held).toBeGreaterThanOrEqual(driver.bufferedAmount);
					}
					expect(stats).toMatchObject(sums);
					// Whatever waits for several was counted by the others as well: at most all that waits, but for one connection's.
					const waiting = [...drivers].map((driver) => driver.waiting);
					const most = waiting.reduce((sum, each) => sum + each, 0) - Math.max(0, ...waiting);
					expect(stats.shared).toBeLessThanOrEqual(most);
					// And what is held is there.
					let withStreams = 0;
					for (const driver of drivers) withStreams += driver.bufferedAmount - driver.waiting;
					expect(sums.held - stats.shared).toBeLessThanOrEqual(there + withStreams);
					if (!isNoted) return;
					// What a stream has passed on was perhaps not told; nothing that came was missed.
					const least = sums.held - drivers.size * LEAST_NOTED;
					expect(budget.held + stats.shared).toBeGreaterThanOrEqual(least);
					for (const driver of drivers) driver.regulate();
					// Those that are gone are no connections, and what they have left counts.
					const untaken = [...context.untaken].reduce((sum, { held }) => sum + held, 0);
					expect(budget.held).toBeLessThanOrEqual(sums.held - stats.shared + untaken);
					expect(budget.held).toBeGreaterThanOrEqual(least - stats.shared + untaken);
				};
				for (const { does, peer: index, size: bytes } of operations) {
					const one = peers[index] as RawPeer;
					const socket = sockets[index];
					const payload = new Uint8Array(bytes);
					if (!isPolicy(does)) there += 2 * bytes + OVERHEAD;
					else there += (bytes > 4096 ? bytes : PEERS * bytes) + PEERS * OVERHEAD;
					if (does === "begin") one.stream.write(masked(0x02, payload), false);
					else if (does === "go on") one.stream.write(masked(0x00, payload), false);
					else if (does === "end") one.stream.write(masked(0x80, payload), false);
					else if (does === "message") one.stream.write(masked(0x82, payload), false);
					else if (does === "ping") one.stream.write(masked(0x89, ""), false);
					else if (does === "stop") one.stream.pause();
					else if (does === "take") one.stream.resume();
					else if (does === "reset") one.stream.reset();
					else if (does === "head") RawPeer.dial(network).stream.write(new TextEncoder().encode("GET / HT"), false);
					else if (does === "terminate") socket?.terminate();
					else if (does === "close") socket?.close();
					else if (does === "answer") for (const resolve of waiting.splice(0)) resolve();
					else if (does === "pass") await network.clock.advance(bytes);
					else if (isPolicy(does)) {
						const broadcast = new Broadcast(payload, false);
						const how = publication("all", { slow: does }, "wait");
						for (const subscriber of [...context.topics.of("all")]) subscriber.sendBroadcast(broadcast, how);
					} else if (socket?.readyState === "open") {
						try {
							socket.send(payload);
						} catch (error) {
							expect(error).toMatchObject({ code: "ERR_BUFFER_FULL" });
						}
					}
					check(false);
					await settle();
					check(true);
				}
				for (const pair of network.streams) for (const stream of pair) stream.reset();
				await settle();
				check(true);
				while (waiting.length > 0) {
					for (const resolve of waiting.splice(0)) resolve();
					await settle();
				}
				check(true);
				expect([stats.held, stats.shared, budget.held, context.untaken.size]).toEqual([0, 0, 0, 0]);
				await network.clock.advance(70_000);
				expect([budget.isOver, network.clock.pendingTimers]).toEqual([false, 0]);
			},
		),
		{ numRuns: 150 },
	);
}, 120_000);
