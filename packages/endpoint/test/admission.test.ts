import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { accept } from "../src/accept.ts";
import { Admission } from "../src/admission.ts";
import { MemoryNetwork, MemoryStream, settle } from "../src/memory/index.ts";
import type { Observed } from "../src/observe.ts";
import type { Server } from "../src/server.ts";
import type { Address } from "../src/stream.ts";
import { RawPeer, UPGRADE, upgradeWith } from "./raw-peer.ts";

const tcp = (hostname: string): Address => ({ transport: "tcp", hostname, port: 50_000 });
const UNIX: Address = { transport: "unix", path: "" };
const HERE = tcp("192.0.2.80");

const GET = "GET / HTTP/1.1\r\nHost: memory\r\n\r\n";

const getFrom = (client: string): string => GET.replace(/\r\n$/, `X-Forwarded-For: ${client}\r\n\r\n`);
const upgradeFrom = (client: string): string => upgradeWith(`X-Forwarded-For: ${client}`);

/** Streams from any address to a server. */
function streamPair(network: MemoryNetwork, from: Address): [client: MemoryStream, server: MemoryStream] {
	const { faults, clock } = network;
	const client = new MemoryStream(from, HERE, faults, clock.defer);
	const server = new MemoryStream(HERE, from, faults, clock.defer);
	MemoryStream.join(client, server);
	return [client, server];
}

async function dialFrom(network: MemoryNetwork, server: Server, from: Address | string): Promise<RawPeer> {
	const peer = new RawPeer();
	const [client, accepted] = streamPair(network, typeof from === "string" ? tcp(from) : from);
	accepted.attach(server.attach(accepted));
	client.attach(peer);
	peer.stream = client;
	await settle();
	return peer;
}

/** What a peer got: the status of the last answer; "open": none yet; "dropped": it was reset without any. */
function fate(peer: RawPeer): string {
	const statuses = [...peer.text.matchAll(/HTTP\/1\.1 (\d{3}) /g)];
	return statuses.at(-1)?.[1] ?? (peer.closedWith === undefined ? "open" : "dropped");
}

const limitsTold = (told: readonly Observed[]): unknown[] =>
	told.flatMap((each): unknown[] => {
		if (each.type === "limit") return [[each.limit, each.client, each.connection?.remote ?? null]];
		return each.type === "refused" ? [[each.status, each.reason]] : [];
	});

describe("maxConnections", () => {
	test("one more is dropped before a byte is read, and accepting goes on", async () => {
		const network = new MemoryNetwork();
		const told: Observed[] = [];
		const server = await network.serve(80, { limits: { maxConnections: 2 }, observe: (each) => void told.push(each) });
		const [http, ws] = [await dialFrom(network, server, "203.0.113.1"), await dialFrom(network, server, "203.0.113.2")];
		await ws.send(UPGRADE);
		const third = await dialFrom(network, server, "::ffff:203.0.113.3");
		expect([fate(http), fate(ws), fate(third)]).toEqual(["open", "101", "dropped"]);
		expect(third.closedWith).toMatchObject({ code: "ERR_CONNECTION_RESET" });
		expect(server.connections).toHaveLength(2);
		expect(limitsTold(told)).toEqual([["maxConnections", "203.0.113.3", null]]);
		http.stream.destroy();
		await settle();
		const fourth = await dialFrom(network, server, "203.0.113.4");
		await fourth.send(UPGRADE);
		expect(fate(fourth)).toBe("101");
		await server.close({ deadline: 0 });
		await settle();
		expect([server.connections.length, network.clock.pendingTimers]).toEqual([0, 0]);
	});

	test("by default there is no limit", async () => {
		const network = new MemoryNetwork();
		const server = await network.serve(80, {});
		for (let i = 0; i < 300; i++) await dialFrom(network, server, "203.0.113.1");
		expect(server.connections).toHaveLength(300);
	});
});

describe("maxConnectionsPerAddress of peers", () => {
	test("one more from the same address is dropped at once; another address is let in", async () => {
		const network = new MemoryNetwork();
		const told: Observed[] = [];
		const limits = { maxConnectionsPerAddress: 2 };
		const server = await network.serve(80, { limits, observe: (each) => void told.push(each) });
		const from = async (address: Address | string): Promise<string> => fate(await dialFrom(network, server, address));
		const first = await dialFrom(network, server, "203.0.113.1");
		expect([await from("::ffff:203.0.113.1"), await from("203.0.113.1"), await from("203.0.113.2")]).toEqual([
			"open",
			"dropped",
			"open",
		]);
		// A /64 is one network's.
		expect([await from("2001:db8::1"), await from("2001:db8::2"), await from("2001:db8::3")]).toEqual([
			"open",
			"open",
			"dropped",
		]);
		expect(await from("2001:db8:0:1::1")).toBe("open");
		// What has no address is not counted.
		expect([await from(UNIX), await from(UNIX), await from(UNIX)]).toEqual(["open", "open", "open"]);
		expect([await from(""), await from(""), await from("")]).toEqual(["open", "open", "open"]);
		first.stream.destroy();
		await settle();
		expect([await from("203.0.113.1"), await from("203.0.113.1")]).toEqual(["open", "dropped"]);
		expect(limitsTold(told)).toEqual([
			["maxConnectionsPerAddress", "203.0.113.1", null],
			["maxConnectionsPerAddress", "2001:db8::3", null],
			["maxConnectionsPerAddress", "203.0.113.1", null],
		]);
	});

	test("it counts for as long as it is connected, whatever it asks and says", async () => {
		const network = new MemoryNetwork();
		const server = await network.serve(80, {
			limits: { maxConnectionsPerAddress: 1 },
			trustedProxies: { addresses: ["loopback"], field: "x-forwarded-for" },
			fetch: () => new Response("ok"),
		});
		const peer = await dialFrom(network, server, "203.0.113.1");
		await peer.send(getFrom("192.0.2.1"));
		await peer.send(getFrom("192.0.2.2"));
		expect(fate(peer)).toBe("200");
		expect(fate(await dialFrom(network, server, "203.0.113.1"))).toBe("dropped");
	});
});

describe("maxConnectionsPerAddress behind a trusted proxy", () => {
	const trustedProxies = { addresses: ["loopback"], field: "x-forwarded-for" } as const;
	const limits = { maxConnectionsPerAddress: 2 };

	test("the WebSockets of a client are counted, and the one too much gets 429", async () => {
		const network = new MemoryNetwork();
		const told: Observed[] = [];
		const server = await network.serve(80, {
			limits,
			trustedProxies,
			upgrade: () => accept(),
			observe: (each) => void told.push(each),
		});
		const upgrade = async (client: string): Promise<RawPeer> => {
			const peer = await dialFrom(network, server, "127.0.0.1");
			await peer.send(upgradeFrom(client));
			return peer;
		};
		const [one, two, three] = [
			await upgrade("192.0.2.1"),
			await upgrade("6.6.6.6, 192.0.2.1"),
			await upgrade("192.0.2.1"),
		];
		expect([fate(one), fate(two), fate(three)]).toEqual(["101", "101", "429"]);
		expect(three.text).toMatch(/\r\nretry-after: 10\r\n/);
		expect(limitsTold(told)).toEqual([
			["maxConnectionsPerAddress", "192.0.2.1", tcp("127.0.0.1")],
			[429, "maxConnectionsPerAddress"],
		]);
		expect(fate(await upgrade("192.0.2.2"))).toBe("101");
		// Proxies that ask for themselves are not counted, nor those that do not tell.
		for (const client of ["127.0.0.1", "127.0.0.1", "127.0.0.1", "unknown", "unknown", "unknown"])
			expect(fate(await upgrade(client))).toBe("101");
		one.stream.destroy();
		await settle();
		expect(fate(await upgrade("192.0.2.1"))).toBe("101");
		// Who comes without the proxy is counted together with who comes through it.
		expect(fate(await dialFrom(network, server, "192.0.2.1"))).toBe("dropped");
	});

	test("of HTTP, the requests under way: the proxy's connection serves one client after the other", async () => {
		const network = new MemoryNetwork();
		const answers: (() => void)[] = [];
		const server = await network.serve(80, {
			limits: { maxConnectionsPerAddress: 1 },
			trustedProxies,
			fetch: () => new Promise<Response>((resolve) => answers.push(() => resolve(new Response("ok")))),
		});
		const [one, two] = [await dialFrom(network, server, "127.0.0.1"), await dialFrom(network, server, "127.0.0.1")];
		await one.send(getFrom("192.0.2.1"));
		await two.send(getFrom("192.0.2.1"));
		expect([fate(one), fate(two)]).toEqual(["open", "429"]);
		// The proxy's connection goes on.
		await two.send(getFrom("192.0.2.2"));
		expect(answers).toHaveLength(2);
		for (const answer of answers.splice(0)) answer();
		await settle();
		expect([fate(one), fate(two)]).toEqual(["200", "200"]);
		await two.send(getFrom("192.0.2.1"));
		expect(answers).toHaveLength(1);
		// The one that has had its answer is not counted, and the one that has left is not either.
		two.stream.destroy();
		await settle();
		await one.send(getFrom("192.0.2.1"));
		expect(answers).toHaveLength(2);
	});

	test("a request with a body that is refused: the connection goes on behind it", async () => {
		const network = new MemoryNetwork();
		const server = await network.serve(80, {
			limits: { maxConnectionsPerAddress: 1 },
			trustedProxies,
			fetch: () => new Response("ok"),
		});
		const socket = await dialFrom(network, server, "127.0.0.1");
		await socket.send(upgradeFrom("192.0.2.1"));
		const peer = await dialFrom(network, server, "127.0.0.1");
		await peer.send("POST / HTTP/1.1\r\nHost: memory\r\nContent-Length: 3\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n");
		expect(fate(peer)).toBe("429");
		await peer.send(`abc${getFrom("192.0.2.2")}`);
		expect(fate(peer)).toBe("200");
	});
});

describe("maxPendingUpgrades", () => {
	test("while so many wait for `upgrade`, one more gets 503 with Retry-After", async () => {
		const network = new MemoryNetwork();
		const told: Observed[] = [];
		const answers: ((result: ReturnType<typeof accept> | Response) => void)[] = [];
		const server = await network.serve(80, {
			limits: { maxPendingUpgrades: 2 },
			upgrade: () => new Promise<ReturnType<typeof accept> | Response>((resolve) => answers.push(resolve)),
			fetch: () => new Response("ok"),
			observe: (each) => void told.push(each),
		});
		const upgrade = async (): Promise<RawPeer> => {
			const peer = await dialFrom(network, server, "203.0.113.1");
			await peer.send(UPGRADE);
			return peer;
		};
		const [one, two, three] = [await upgrade(), await upgrade(), await upgrade()];
		expect([fate(one), fate(two), fate(three)]).toEqual(["open", "open", "503"]);
		expect(three.text).toMatch(/\r\nretry-after: 1\r\n/);
		expect(limitsTold(told)).toEqual([
			["maxPendingUpgrades", "203.0.113.1", tcp("203.0.113.1")],
			[503, "maxPendingUpgrades"],
		]);
		// Others are served meanwhile.
		const http = await dialFrom(network, server, "203.0.113.1");
		await http.send(GET);
		expect(fate(http)).toBe("200");
		// The handler still works for a client that has left.
		two.stream.destroy();
		await settle();
		expect(fate(await upgrade())).toBe("503");
		for (const answer of [accept(), new Response(null, { status: 403 })]) {
			answers.shift()?.(answer);
			await settle();
			expect(fate(await upgrade())).toBe("open");
		}
		expect(fate(one)).toBe("101");
		expect(fate(await upgrade())).toBe("503");
	});

	test.each<[string, () => ReturnType<typeof accept> | Promise<Response>, status: string]>([
		["returns at once", () => accept(), "101"],
		[
			"throws",
			() => {
				throw new Error("x");
			},
			"500",
		],
		["rejects", () => Promise.reject(new Error("x")), "500"],
	])("a handler that %s holds no place", async (_what, upgrade, status) => {
		const network = new MemoryNetwork();
		const server = await network.serve(80, { limits: { maxPendingUpgrades: 1 }, upgrade, error() {} });
		for (let i = 0; i < 3; i++) {
			const peer = await dialFrom(network, server, "203.0.113.1");
			await peer.send(UPGRADE);
			expect(fate(peer)).toBe(status);
		}
	});

	test("the default is 4096", async () => {
		const admission = new Admission();
		for (let i = 0; i < 4096; i++) {
			expect(admission.handshakeReceived({ now: () => 0 })).toBe(null);
			admission.upgradeBegun();
		}
		expect(admission.handshakeReceived({ now: () => 0 })).toBe("maxPendingUpgrades");
	});
});

describe("maxHandshakesPerSecond", () => {
	test("so many at once, then as they come in; ordinary requests and other origins don't count", async () => {
		const network = new MemoryNetwork();
		const told: Observed[] = [];
		const server = await network.serve(80, {
			limits: { maxHandshakesPerSecond: 2 },
			fetch: () => new Response("ok"),
			observe: (each) => void told.push(each),
		});
		const ask = async (what: string): Promise<RawPeer> => {
			const peer = await dialFrom(network, server, "203.0.113.1");
			await peer.send(what);
			return peer;
		};
		expect([fate(await ask(GET)), fate(await ask(upgradeWith("Origin: http://evil.example")))]).toEqual(["200", "403"]);
		const peers = [await ask(UPGRADE), await ask(UPGRADE), await ask(UPGRADE)];
		expect(peers.map(fate)).toEqual(["101", "101", "503"]);
		expect(peers[2]?.text).toMatch(/\r\nretry-after: 1\r\n/);
		expect(limitsTold(told)).toEqual([
			[403, "origin"],
			["maxHandshakesPerSecond", "203.0.113.1", tcp("203.0.113.1")],
			[503, "maxHandshakesPerSecond"],
		]);
		await network.clock.advance(500);
		expect([fate(await ask(UPGRADE)), fate(await ask(UPGRADE))]).toEqual(["101", "503"]);
	});
});

test("a server without these limits has no table and asks for no time", () => {
	const admission = new Admission({}, { addresses: ["loopback"], field: "x-forwarded-for" });
	const clock = {
		now(): number {
			throw new Error("asked");
		},
	};
	expect([admission.addresses, admission.handshakeReceived(clock)]).toEqual([null, null]);
});

test("info.client is what the proxy tells, of every request", async () => {
	const network = new MemoryNetwork();
	const clients: string[] = [];
	const server = await network.serve(80, {
		trustedProxies: { addresses: ["loopback"], field: "x-forwarded-for" },
		fetch(_request, { client }) {
			clients.push(client);
			return new Response("ok");
		},
		upgrade(_request, { client }) {
			clients.push(client);
			return accept();
		},
	});
	const peer = await dialFrom(network, server, "127.0.0.1");
	for (const what of [getFrom("192.0.2.1"), getFrom("192.0.2.2"), GET, upgradeFrom("2001:DB8::1")])
		await peer.send(what);
	const other = await dialFrom(network, server, "203.0.113.1");
	await other.send(getFrom("192.0.2.1"));
	await (await dialFrom(network, server, UNIX)).send(GET);
	expect(clients).toEqual(["192.0.2.1", "192.0.2.2", "127.0.0.1", "2001:db8::1", "203.0.113.1", ""]);
});

describe("under any churn", () => {
	const direct = fc.constantFrom("203.0.113.1", "203.0.113.2", "2001:db8::1", "2001:db8::2");
	const which = fc.nat(9);

	test("the counts are those of who is there, and nothing is left of the others", () => {
		const step = fc.oneof(
			fc.record({ does: fc.constant("dial" as const), from: fc.oneof(direct, fc.constant("127.0.0.1")) }),
			fc.record({ does: fc.constant("leave" as const), which }),
			fc.record({ does: fc.constant("answer" as const), which }),
			fc.record({
				does: fc.constant("ask" as const),
				which,
				client: fc.oneof(direct, fc.constantFrom("10.0.0.1", "x")),
			}),
		);
		fc.assert(
			fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
				const network = new MemoryNetwork();
				const trustedProxies = { addresses: ["127.0.0.1", "10.0.0.1"], field: "x-forwarded-for" } as const;
				const admission = new Admission({ maxConnectionsPerAddress: 2, maxConnections: 9 }, trustedProxies);
				/** Who is connected, and what for each counts. */
				const there = new Map<MemoryStream, string | null>();
				const networks: Record<string, string> = { "2001:db8::1": "2001:db8::/64", "2001:db8::2": "2001:db8::/64" };
				const networkFor = (address: string): string => networks[address] ?? address;
				const count = (network: string): number => [...there.values()].filter((each) => each === network).length;
				for (const each of steps) {
					const stream = each.does === "dial" ? streamPair(network, tcp(each.from))[1] : [...there.keys()][each.which];
					if (stream === undefined) continue;
					const peer = stream.remote.transport === "tcp" ? stream.remote.hostname : "";
					if (each.does === "dial") {
						const limit = admission.streamAccepted(stream, there.size);
						const key = peer === "127.0.0.1" ? null : networkFor(peer);
						const isFull = key !== null && count(key) === 2;
						expect(limit).toBe(there.size >= 9 ? "maxConnections" : isFull ? "maxConnectionsPerAddress" : null);
						if (limit === null) there.set(stream, key);
					} else if (each.does === "leave") {
						admission.addresses?.leave(stream);
						there.delete(stream);
					} else if (each.does === "answer") {
						admission.requestAnswered(stream);
						if (peer === "127.0.0.1") there.set(stream, null);
					} else {
						const key = ["10.0.0.1", "x"].includes(each.client) ? null : networkFor(each.client);
						// One request after the other: the endpoint has answered the one before.
						admission.requestAnswered(stream);
						const limit = admission.requestReceived(stream, [["x-forwarded-for", each.client]]);
						if (peer !== "127.0.0.1") {
							expect(limit).toBe(null);
							continue;
						}
						there.set(stream, null);
						const isFull = key !== null && count(key) === 2;
						expect(limit).toBe(isFull ? "maxConnectionsPerAddress" : null);
						if (!isFull) there.set(stream, key);
					}
					const keys = new Set([...there.values()].filter((key) => key !== null));
					for (const key of keys) expect(admission.addresses?.countOf(key)).toBe(count(key));
					expect(admission.addresses?.size).toBe(keys.size);
				}
				for (const stream of there.keys()) admission.addresses?.leave(stream);
				expect(admission.addresses?.size).toBe(0);
			}),
		);
	});

	test("a server counts those that are connected, and when all are gone all may come again", async () => {
		const ways = ["dial", "end", "reset", "get", "upgrade", "garbage"] as const;
		const step = fc.record({ does: fc.constantFrom(...ways), from: direct, which });
		await fc.assert(
			fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
				const network = new MemoryNetwork();
				const limits = { maxConnections: 5, maxConnectionsPerAddress: 2 };
				const server = await network.serve(80, { limits, fetch: () => new Response("ok") });
				const peers: RawPeer[] = [];
				for (const { does, from, which } of steps) {
					const peer = peers[which];
					if (does === "dial") {
						const connected = server.connections.map(({ remote }) =>
							remote.transport === "tcp" ? remote.hostname : "",
						);
						const network64 = from.slice(0, from.startsWith("2001:") ? 8 : undefined);
						const others = connected.filter((each) => each.startsWith(network64)).length;
						const next = await dialFrom(network, server, from);
						expect(fate(next)).toBe(connected.length < 5 && others < 2 ? "open" : "dropped");
						peers.push(next);
					} else if (does === "end") peer?.stream.end();
					else if (does === "reset") peer?.stream.reset();
					else await peer?.send({ get: GET, upgrade: UPGRADE, garbage: "\0" }[does]);
					await settle();
				}
				for (const peer of peers) peer.stream.destroy();
				await settle();
				expect(server.connections).toHaveLength(0);
				const fates: string[] = [];
				for (const from of ["203.0.113.1", "203.0.113.1", "2001:db8::1", "2001:db8::2", "203.0.113.1", "203.0.113.2"])
					fates.push(fate(await dialFrom(network, server, from)));
				expect(fates).toEqual(["open", "open", "open", "open", "dropped", "open"]);
			}),
			{ numRuns: 40 },
		);
	});
});
