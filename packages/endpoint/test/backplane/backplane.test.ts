import { describe, expect, test } from "vitest";
import { GRACE } from "../../src/backplane/arrivals.ts";
import { channelOf } from "../../src/backplane/channel-name.ts";
import { backplaneOver } from "../../src/backplane/index.ts";
import { settle, VirtualClock } from "../../src/memory/index.ts";
import { MemoryBroker } from "./memory-broker.ts";
import { ANSWER, BEAT, MESSAGE, type Site, Sites } from "./sites.ts";

/** Longer than until a lost message is reported: a heartbeat, the time in which it may still come, the next look. */
const REPORTED = 1000 + GRACE + 1000;

const LOSES_MESSAGES = (_: string, bytes: Uint8Array): number | null => (bytes[1] === MESSAGE ? null : 0);

describe("topics of several servers", () => {
	test("a published message reaches the subscribers of every server, each once", async () => {
		const sites = new Sites();
		const [a, b, c] = (await sites.known(3)) as [Site, Site, Site];
		const [here, there] = [await a.client("news"), await b.client("news")];
		await Promise.all([here.subscribed, there.subscribed]);
		expect(a.server.publish("news", "one")).toBe(1);
		b.server.publish("news", Uint8Array.of(1, 2));
		expect(c.server.publish("news", "three")).toBe(0);
		await settle();
		const all = ["one", Uint8Array.of(1, 2), "three"];
		expect(here.messages).toEqual(all);
		expect(there.messages).toEqual(all);
		await sites.clock.advance(5000);
		expect([...a.gaps, ...b.gaps, ...c.gaps]).toEqual([]);
		expect(a.backplane.stats).toMatchObject({
			peers: 2,
			topics: 1,
			sent: 1,
			received: 2,
			dropped: 0,
			unknown: 0,
			gaps: 0,
		});
		for (const { server } of [a, b, c]) await server.close({ deadline: 0 });
		expect(sites.clock.pendingTimers).toBe(0);
		expect([a, b, c].map(({ carrier }) => carrier.isClosed)).toEqual([true, true, true]);
	});

	test("a server is subscribed at the broker only while it has a subscriber", async () => {
		const sites = new Sites();
		const [site] = (await sites.known(1)) as [Site];
		const [one, other] = [await site.client("news"), await site.client("news")];
		await settle();
		expect(site.carrier.channels.has("tnews")).toBe(true);
		one.socket.unsubscribe("news");
		expect(site.carrier.channels.has("tnews")).toBe(true);
		other.here.terminate();
		await settle();
		expect(site.carrier.channels.has("tnews")).toBe(false);
		expect(site.backplane.stats.topics).toBe(0);
	});

	test("how a message is published counts on every server: `slow` and `key`", async () => {
		const sites = new Sites();
		const [a, b] = (await sites.known(2)) as [Site, Site];
		const there = await b.client("prices");
		await there.subscribed;
		sites.network.faults.stalled = true;
		there.socket.send("x".repeat(200_000));
		await settle();
		for (const price of ["1", "2", "3"])
			a.server.publish("prices", price, { slow: "latest", key: "p", compress: false });
		await settle();
		sites.network.release();
		await settle();
		expect(there.messages.slice(1)).toEqual(["3"]);
	});

	test("two servers of one process may share one backplane", async () => {
		const sites = new Sites();
		const [a, b] = (await sites.known(2)) as [Site, Site];
		const second = await sites.site({ backplane: a.backplane });
		const clients = [await a.client("news"), await b.client("news"), await second.client("news")];
		await Promise.all(clients.map(({ subscribed }) => subscribed));
		a.server.publish("news", "from a");
		b.server.publish("news", "from b");
		await settle();
		for (const { messages } of clients) expect(messages).toEqual(["from a", "from b"]);
		expect(await b.server.subscriberCount("news", { everywhere: true })).toBe(3);
		expect(await second.server.subscriberCount("news", { everywhere: true })).toBe(3);
		await a.server.close({ deadline: 0 });
		b.server.publish("news", "after");
		await settle();
		expect(clients[2]?.messages.at(-1)).toBe("after");
		await second.server.close({ deadline: 0 });
		expect(a.backplane.status).toBe("closed");
	});

	test("subscribers are counted on this server, and on all that answer within a second", async () => {
		const sites = new Sites();
		const [a, b, c] = (await sites.known(3)) as [Site, Site, Site];
		await Promise.all([(await a.client("t")).subscribed, (await b.client("t", "u")).subscribed]);
		await Promise.all([(await b.client("t")).subscribed, (await c.client("t")).subscribed]);
		expect(a.server.subscriberCount("t")).toBe(1);
		expect(await a.server.subscriberCount("t", { everywhere: true })).toBe(4);
		expect(await a.server.subscriberCount("u", { everywhere: true })).toBe(1);
		// Nothing reaches c any more.
		c.carrier.channels.clear();
		let count: number | null = null;
		void a.server.subscriberCount("t", { everywhere: true }).then((value) => {
			count = value;
		});
		await sites.clock.advance(900);
		expect(count).toBe(null);
		await sites.clock.advance(200);
		expect(count).toBe(3);
	});

	test("a handler that returns the promise of `subscribe` makes nothing wait", async () => {
		const sites = new Sites();
		const site = await sites.site({
			isUp: false,
			server: {
				open: (socket) => socket.subscribe("news"),
				message: (socket, message) => void socket.send(message),
			},
		});
		const answers: unknown[] = [];
		const client = await sites.network.connect("ws://memory:1/", {
			message: (_, message) => void answers.push(message),
		});
		client.send("hello");
		await settle();
		expect(answers).toEqual(["hello"]);
		site.server.publish("news", "here");
		await settle();
		expect(answers).toEqual(["hello", "here"]);
	});

	test("a server without a backplane has one promise for all subscriptions, and counts itself alone", async () => {
		const sites = new Sites();
		const promises: unknown[] = [];
		const server = await sites.network.serve(80, {
			open: (socket) => void promises.push(socket.subscribe("a"), socket.subscribe("b")),
		});
		await sites.network.connect("ws://memory/");
		expect(promises[0]).toBe(promises[1]);
		expect(await server.subscriberCount("a", { everywhere: true })).toBe(1);
		expect(() => server.subscriberCount("a", { everywhere: 1 as never })).toThrow("true or false");
		expect(() => server.subscriberCount(1 as never)).toThrow("a topic must be a string");
	});

	test("options are checked, and a closed backplane is refused", async () => {
		const sites = new Sites();
		const carrier = new MemoryBroker(new VirtualClock()).carrier();
		expect(() => backplaneOver(carrier, { whileAway: "never" as never })).toThrow('"drop" or "keep"');
		expect(() => backplaneOver(carrier, { maxBufferedBytes: -1 })).toThrow("a number from 0 on");
		await expect(sites.network.serve(80, { backplane: {} as never })).rejects.toThrow("must be a backplane");
		const backplane = backplaneOver(carrier);
		await backplane.close();
		await expect(sites.network.serve(80, { backplane })).rejects.toMatchObject({ code: "ERR_STATE" });
	});
});

describe("missing messages are reported", () => {
	test("those before another one, with their number", async () => {
		const sites = new Sites();
		const [a, b] = (await sites.known(2)) as [Site, Site];
		const there = await b.client("t");
		await there.subscribed;
		a.server.publish("t", "1");
		sites.broker.fate = LOSES_MESSAGES;
		a.server.publish("t", "2");
		a.server.publish("t", "3");
		sites.broker.fate = () => 0;
		a.server.publish("t", "4");
		await settle();
		expect(there.messages).toEqual(["1", "4"]);
		expect(b.gaps).toEqual([{ topic: "t", reason: "missed", missed: 2 }]);
		expect(b.events).toContainEqual({ type: "gap", connection: null, topic: "t", reason: "missed", missed: 2 });
		await sites.clock.advance(REPORTED);
		expect(b.gaps.length).toBe(1);
	});

	test("the last ones, because a heartbeat announces them; one that comes late is delivered", async () => {
		const sites = new Sites();
		const [a, b] = (await sites.known(2)) as [Site, Site];
		const there = await b.client("t");
		await there.subscribed;
		sites.broker.fate = LOSES_MESSAGES;
		a.server.publish("t", "1");
		sites.broker.fate = (_, bytes) => (bytes[1] === MESSAGE ? 1500 : 0);
		a.server.publish("t", "2");
		await sites.clock.advance(REPORTED);
		expect(there.messages).toEqual(["2"]);
		expect(b.gaps).toEqual([{ topic: "t", reason: "missed", missed: 1 }]);
		sites.broker.fate = LOSES_MESSAGES;
		for (const text of ["3", "4", "5"]) a.server.publish("t", text);
		await sites.clock.advance(REPORTED);
		expect(b.gaps.slice(1)).toEqual([{ topic: "t", reason: "missed", missed: 3 }]);
	});

	test("also if the heartbeat that announced them is lost: the next one shows it, and the numbers are asked for", async () => {
		const sites = new Sites();
		const [a, b] = (await sites.known(2)) as [Site, Site];
		await (await b.client("t")).subscribed;
		sites.broker.fate = () => null;
		a.server.publish("t", "1");
		await sites.clock.advance(1000);
		sites.broker.fate = () => 0;
		await sites.clock.advance(1000 + REPORTED);
		expect(b.gaps).toEqual([{ topic: "t", reason: "missed", missed: 1 }]);
	});

	test("and if no answer comes, all topics may have missed something", async () => {
		const sites = new Sites();
		const [a, b] = (await sites.known(2)) as [Site, Site];
		await (await b.client("t")).subscribed;
		sites.broker.fate = () => null;
		a.server.publish("t", "1");
		await sites.clock.advance(1000);
		sites.broker.fate = (_, bytes) => (bytes[1] === ANSWER ? null : 0);
		await sites.clock.advance(1000 + REPORTED);
		expect(b.gaps).toEqual([{ topic: "t", reason: "missed", missed: null }]);
	});

	test("a server whose heartbeats stop may have published something; one that closes says goodbye", async () => {
		const sites = new Sites();
		const [a, b, c] = (await sites.known(3)) as [Site, Site, Site];
		await (await b.client("t")).subscribed;
		await c.server.close();
		await sites.clock.advance(6000);
		expect(b.gaps).toEqual([]);
		expect(b.backplane.stats.peers).toBe(1);
		a.carrier.publish = () => {};
		await sites.clock.advance(6000);
		expect(b.gaps).toEqual([{ topic: "t", reason: "publisher-gone", missed: null }]);
		expect(b.backplane.stats.peers).toBe(0);
	});

	test("a process that was only stopped goes on where it was", async () => {
		const sites = new Sites();
		const [a, b] = (await sites.known(2)) as [Site, Site];
		const there = await b.client("t");
		await there.subscribed;
		a.server.publish("t", "1");
		const { publish } = a.carrier;
		a.carrier.publish = () => {};
		a.server.publish("t", "2");
		await sites.clock.advance(6000);
		a.carrier.publish = publish;
		a.server.publish("t", "3");
		await settle();
		expect(there.messages).toEqual(["1", "3"]);
		expect(b.gaps.map(({ reason, missed }) => [reason, missed])).toEqual([
			["publisher-gone", null],
			["missed", 1],
		]);
	});

	test("what was published before the subscription is not missing", async () => {
		const sites = new Sites();
		const [a, b] = (await sites.known(2)) as [Site, Site];
		for (let i = 0; i < 9; i++) a.server.publish("t", `${i}`);
		const there = await b.client("t");
		await there.subscribed;
		const late = await sites.site();
		const later = await late.client("t");
		await sites.clock.advance(400);
		await later.subscribed;
		a.server.publish("t", "9");
		await sites.clock.advance(REPORTED);
		expect([there.messages, later.messages]).toEqual([["9"], ["9"]]);
		expect([...b.gaps, ...late.gaps]).toEqual([]);
	});

	test("a topic that was forgotten begins anew, without a gap", async () => {
		const sites = new Sites();
		const [a, b] = (await sites.known(2)) as [Site, Site];
		const there = await b.client("t");
		await there.subscribed;
		a.server.publish("t", "1");
		a.server.publish("t", "2");
		await sites.clock.advance(125_000);
		a.server.publish("t", "3");
		await sites.clock.advance(REPORTED);
		expect(there.messages).toEqual(["1", "2", "3"]);
		expect(b.gaps).toEqual([]);
	});
});

describe("while the broker is away", () => {
	test("local subscribers get everything, others nothing, and a gap when it is back", async () => {
		const sites = new Sites();
		const [a, b] = (await sites.known(2)) as [Site, Site];
		const [here, there] = [await a.client("t"), await b.client("t")];
		await Promise.all([here.subscribed, there.subscribed]);
		a.carrier.disconnect(new Error("cable"));
		expect(a.backplane.status).toBe("away");
		expect(a.server.publish("t", "1")).toBe(1);
		expect(a.server.publish("t", "2")).toBe(1);
		b.server.publish("t", "3");
		await settle();
		expect([here.messages, there.messages]).toEqual([["1", "2"], ["3"]]);
		let isGuaranteed = false;
		const other = await a.client("u");
		void other.subscribed.then(() => {
			isGuaranteed = true;
		});
		await sites.clock.advance(1000);
		expect(isGuaranteed).toBe(false);
		expect(a.gaps).toEqual([]);
		a.carrier.connect();
		await sites.clock.advance(1500);
		expect(isGuaranteed).toBe(true);
		expect(a.gaps).toEqual([{ topic: "t", reason: "interrupted", missed: null }]);
		await sites.clock.advance(REPORTED);
		expect(b.gaps).toEqual([{ topic: "t", reason: "missed", missed: 2 }]);
		expect(a.events.filter(({ type }) => type.startsWith("backplane"))).toMatchObject([
			{ status: "connected" },
			{ status: "away", reason: new Error("cable") },
			{ type: "backplane-drop", topic: "t", reason: "away" },
			{ status: "connected" },
		]);
		expect(a.backplane.stats.dropped).toBe(2);
	});

	test("a server that can't tell any more on which topics it has dropped messages says so, for all", async () => {
		const sites = new Sites();
		const [a, b] = (await sites.known(2)) as [Site, Site];
		await (await b.client("t", "u")).subscribed;
		a.carrier.disconnect();
		a.server.publish("t", "1");
		for (let i = 0; i < 65_536; i++) a.server.publish(`${i}`, "");
		a.carrier.connect();
		await sites.clock.advance(REPORTED);
		expect(b.gaps).toEqual([
			{ topic: "t", reason: "missed", missed: null },
			{ topic: "u", reason: "missed", missed: null },
		]);
	});

	test("with `keep`, messages wait up to the limit and are sent when it is back", async () => {
		const sites = new Sites();
		const [a, b] = (await sites.known(2, { whileAway: "keep", maxBufferedBytes: 1000 })) as [Site, Site];
		const there = await b.client("t");
		await there.subscribed;
		a.carrier.disconnect();
		for (let i = 0; i < 30; i++) a.server.publish("t", `${i}`);
		expect(a.backplane.stats.bufferedAmount).toBeLessThanOrEqual(1000);
		a.carrier.connect();
		await sites.clock.advance(1000 + REPORTED);
		const { length } = there.messages;
		expect(length).toBeGreaterThan(5);
		expect(there.messages).toEqual(Array.from({ length }, (_, i) => `${i}`));
		expect(b.gaps).toEqual([{ topic: "t", reason: "missed", missed: 30 - length }]);
	});

	test("subscriptions come back at a random time, and those that have ended do not", async () => {
		const sites = new Sites();
		const [site] = (await sites.known(1)) as [Site];
		const client = await site.client("t", "u");
		await client.subscribed;
		site.carrier.disconnect();
		client.socket.unsubscribe("u");
		site.carrier.connect();
		await settle();
		expect([...site.carrier.channels]).toEqual([]);
		await sites.clock.advance(500);
		expect(site.carrier.channels.has("tt")).toBe(true);
		expect(site.carrier.channels.has("tu")).toBe(false);
	});

	test("a carrier that can't connect at first is away, and there is no gap when it can", async () => {
		const sites = new Sites();
		const site = await sites.site({ isUp: false });
		const client = await site.client("t");
		expect(site.backplane.status).toBe("connecting");
		site.carrier.disconnect(new Error("refused"));
		expect(site.backplane.status).toBe("away");
		expect(await site.server.subscriberCount("t", { everywhere: true })).toBe(1);
		site.carrier.connect();
		await sites.clock.advance(1000);
		await client.subscribed;
		expect(site.gaps).toEqual([]);
		await site.server.close({ deadline: 0 });
		expect(sites.clock.pendingTimers).toBe(0);
	});

	test("waiting ends when the server closes", async () => {
		const sites = new Sites();
		const site = await sites.site({ isUp: false });
		const client = await site.client("t");
		await site.server.close({ deadline: 0 });
		await client.subscribed;
		expect(site.server.publish("t", "late")).toBe(0);
	});
});

describe("a broker that takes less, or refuses", () => {
	test("a message that is too large, and those that it does not take in time, are dropped and told", async () => {
		const sites = new Sites();
		const [a, b] = (await sites.known(2, { maxBufferedBytes: 100_000 })) as [Site, Site];
		const [here, there] = [await a.client("t"), await b.client("t")];
		await Promise.all([here.subscribed, there.subscribed]);
		a.carrier.maxMessageSize = 65_536;
		a.server.publish("t", "x".repeat(70_000));
		a.carrier.bufferedAmount = 99_990;
		a.server.publish("t", "full");
		a.carrier.bufferedAmount = 0;
		a.server.publish("t", "fits");
		await settle();
		expect([here.messages.length, there.messages]).toEqual([3, ["fits"]]);
		expect(b.gaps).toEqual([{ topic: "t", reason: "missed", missed: 2 }]);
		expect(a.events.filter(({ type }) => type === "backplane-drop")).toMatchObject([
			{ reason: "too-large" },
			{ reason: "full" },
		]);
	});

	test("a client that throws makes `publish` throw nothing", async () => {
		const sites = new Sites();
		const [a, b] = (await sites.known(2)) as [Site, Site];
		await (await b.client("t")).subscribed;
		const { publish } = a.carrier;
		a.carrier.publish = () => {
			throw new Error("connection draining");
		};
		expect([a.server.publish("t", "1"), a.server.publish("t", "2")]).toEqual([0, 0]);
		expect(a.errors).toEqual([new Error("connection draining")]);
		a.carrier.publish = publish;
		await sites.clock.advance(REPORTED);
		expect(b.gaps).toEqual([{ topic: "t", reason: "missed", missed: 2 }]);
	});

	test("a subscription that is refused is reported and tried again", async () => {
		const sites = new Sites();
		const [a, b] = (await sites.known(2)) as [Site, Site];
		b.carrier.refuses = new Error("not allowed");
		const there = await b.client("t");
		await settle();
		expect(b.errors).toEqual([new Error("not allowed")]);
		b.carrier.refuses = null;
		await sites.clock.advance(1100);
		await there.subscribed;
		a.server.publish("t", "1");
		await settle();
		expect(there.messages).toEqual(["1"]);
	});

	test("its own subscriptions may be refused too", async () => {
		const sites = new Sites();
		const site = await sites.site({ isUp: false });
		site.carrier.refuses = new Error("not allowed");
		site.carrier.connect();
		await settle();
		expect(site.errors).toEqual([new Error("not allowed")]);
		site.carrier.refuses = null;
		const client = await site.client("t");
		await sites.clock.advance(3000);
		await client.subscribed;
	});

	test("what comes in another version, or is broken, is dropped and counted", async () => {
		const sites = new Sites();
		const [a] = (await sites.known(1)) as [Site];
		const client = await a.client("t");
		await client.subscribed;
		a.carrier.inject(channelOf("t"), Uint8Array.of(2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1));
		a.carrier.inject(channelOf("t"), new Uint8Array(0));
		a.carrier.inject(channelOf("t"), Uint8Array.of(1, 99, 0, 0, 0, 0, 0, 0, 0, 0));
		a.carrier.inject("c", Uint8Array.of(1, BEAT, 0, 0, 0, 0, 0, 0, 0, 0, 0));
		expect(a.backplane.stats.unknown).toBe(4);
		expect(client.messages).toEqual([]);
	});
});
