import * as transport from "@barewire/transport-node";
import { expect } from "vitest";
import { Answers, checkSites, type RemoteSite } from "../check-sites.ts";
import { runSite } from "../site.ts";
import type { Broker } from "./broker.ts";
import type { Kind } from "./kinds.ts";
import { BrokerSite } from "./site.ts";

/** What a case has: a broker that is not started yet. */
interface Setting {
	readonly kind: Kind;
	readonly broker: Broker;
}

/** What a test does with each kind of broker. */
export interface Case {
	readonly name: string;
	run(setting: Setting): Promise<void>;
}

const TOPIC = "news";

export const CASES: readonly Case[] = [
	{
		name: "every message comes once and in order, on topics with any names",
		async run({ kind, broker }) {
			await broker.start();
			const sites = await Promise.all(
				["one", "two", "three"].map(async (name): Promise<RemoteSite> => {
					const answers = new Answers();
					const run = await runSite(name, transport, kind.backplane(broker.port), (answer) => answers.add(answer));
					return { send: (command) => void run(command), next: (wanted) => answers.next(wanted) };
				}),
			);
			await checkSites(sites, 100);
			for (const site of sites) site.send({ do: "stop" });
			await Promise.all(sites.map((site) => site.next("stopped")));
		},
	},
	{
		name: "servers with another prefix are not reached",
		async run({ kind, broker }) {
			await broker.start();
			const [one, same, longer, other] = await startAll(
				["a", "a", "a-b", "b"].map((prefix) => kind.backplane(broker.port, { prefix })),
				TOPIC,
			);
			const all = [one, same, longer, other];
			one.server.publish(TOPIC, "from one");
			await same.until(() => same.messages.length === 1);
			longer.server.publish(TOPIC, "from longer");
			other.server.publish(TOPIC, "from other");
			await Promise.all([longer, other].map((site) => site.until(() => site.messages.length === 1)));
			expect(all.map(({ messages }) => messages)).toEqual([
				["from one"],
				["from one"],
				["from longer"],
				["from other"],
			]);
			await stopAll(all);
		},
	},
	{
		name: "a broker that is killed and comes back: local delivery goes on, a gap is reported, then all is delivered again",
		async run({ kind, broker }) {
			await broker.start();
			const [one, other] = await startAll([kind.backplane(broker.port), kind.backplane(broker.port)], TOPIC);
			await broker.kill();
			await Promise.all([one, other].map((site) => site.until(() => site.backplane.status === "away")));
			one.server.publish(TOPIC, "alone");
			await one.until(() => one.messages.length === 1);
			await broker.start();
			await Promise.all([one, other].map((site) => site.until(() => site.gaps.length > 0)));
			expect([one, other].map(({ gaps }) => gaps[0])).toEqual([
				{ topic: TOPIC, reason: "interrupted", missed: null },
				{ topic: TOPIC, reason: "interrupted", missed: null },
			]);
			one.server.publish(TOPIC, "together");
			other.server.publish(TOPIC, "and back");
			await one.until(() => one.messages.length === 3);
			await other.until(() => other.messages.length === 2);
			expect(one.messages.toSorted()).toEqual(["alone", "and back", "together"]);
			expect(other.messages.toSorted()).toEqual(["and back", "together"]);
			expect(one.backplane.stats.dropped).toBe(1);
			await stopAll([one, other]);
		},
	},
	{
		name: "what is kept while the broker is away is sent when it is back",
		async run({ kind, broker }) {
			await broker.start();
			const [one, other] = await startAll(
				[kind.backplane(broker.port, { whileAway: "keep", resubscribeJitter: 0 }), kind.backplane(broker.port)],
				TOPIC,
			);
			await broker.kill();
			await one.until(() => one.backplane.status === "away");
			for (let number = 0; number < 10; number++) one.server.publish(TOPIC, `kept ${number}`);
			expect(one.backplane.stats.bufferedAmount).toBeGreaterThan(0);
			await broker.start();
			await one.until(() => one.gaps.length > 0);
			expect(one.backplane.stats).toMatchObject({ sent: 10, dropped: 0 });
			await other.until(() => other.gaps.length > 0);
			await stopAll([one, other]);
		},
	},
	{
		name: "a broker that stops under publishing: what waits is bounded, local delivery goes on, the loss is reported",
		async run({ kind, broker }) {
			await broker.start();
			const maxBufferedBytes = 4 * 1024 * 1024;
			const [one, other] = await startAll(
				[kind.backplane(broker.port, { maxBufferedBytes }), kind.backplane(broker.port)],
				TOPIC,
			);
			broker.pause();
			const message = "x".repeat(1024);
			let most = 0;
			let sent = 0;
			while (one.backplane.stats.dropped < 10_000) {
				for (let number = 0; number < 256; number++) one.server.publish(TOPIC, message);
				sent += 256;
				most = Math.max(most, one.backplane.stats.bufferedAmount);
				await one.until(() => one.messages.length === sent);
			}
			// Heartbeats come on top.
			expect(most).toBeLessThan(maxBufferedBytes + 16 * 1024);
			expect(most).toBeGreaterThan(maxBufferedBytes / 2);
			expect(one.backplane.status).toBe("connected");
			broker.resume();
			// What waited arrives, and numbers and heartbeats tell of the rest. After a long stop there is a gap without a number as well.
			const missed = (): number => other.gaps.reduce((sum, gap) => sum + (gap.missed ?? 0), 0);
			await other.until(() => missed() + other.messages.length === sent);
			expect(missed()).toBe(one.backplane.stats.dropped);
			await stopAll([one, other]);
		},
	},
	{
		name: "a broker that is not there at the start is waited for",
		async run({ kind, broker }) {
			const [one, other] = await startSites([kind.backplane(broker.port), kind.backplane(broker.port)], TOPIC);
			await one.until(() => one.backplane.status === "away");
			expect(one.events).toContainEqual(
				expect.objectContaining({ type: "backplane", status: "away", reason: expect.any(Error) }),
			);
			one.server.publish(TOPIC, "alone");
			await one.until(() => one.messages.length === 1);
			await broker.start();
			await Promise.all([one.subscribed, other.subscribed]);
			one.server.publish(TOPIC, "together");
			await other.until(() => other.messages.length === 1);
			expect(other.messages).toEqual(["together"]);
			await stopAll([one, other]);
		},
	},
	{
		name: "a server closes while the broker is stopped, or not there",
		async run({ kind, broker }) {
			await broker.start();
			const [one] = await startAll([kind.backplane(broker.port)], TOPIC);
			broker.pause();
			one.server.publish(TOPIC, "to nobody");
			await one.stop();
			expect(one.backplane.status).toBe("closed");
			await broker.kill();
			const [other] = await startSites([kind.backplane(broker.port)], TOPIC);
			await other.stop();
			expect(other.backplane.status).toBe("closed");
		},
	},
	{
		name: "a client of the application's own is used, and stays open",
		async run({ kind, broker }) {
			await broker.start();
			const own = await kind.own(broker.port);
			const [one, other] = await startAll([own.backplane, kind.backplane(broker.port)], TOPIC);
			one.server.publish(TOPIC, "there");
			other.server.publish(TOPIC, "back");
			await Promise.all([one, other].map((site) => site.until(() => site.messages.length === 2)));
			await own.use();
			await broker.kill();
			await one.until(() => one.backplane.status === "away");
			await broker.start();
			await Promise.all([one, other].map((site) => site.until(() => site.gaps.length > 0)));
			one.server.publish(TOPIC, "again");
			await other.until(() => other.messages.length === 3);
			expect(one.messages.length).toBe(3);
			await stopAll([one, other]);
			await own.use();
			await own.close();
		},
	},
];

type Backplanes = readonly Parameters<typeof BrokerSite.start>[0][];

/** As many servers as backplanes, each with a client that is subscribed. */
async function startSites<List extends Backplanes>(backplanes: List, topic: string): Promise<Sites> {
	return (await Promise.all(backplanes.map((each) => BrokerSite.start(each, [topic])))) as unknown as Sites;
}

/** The same, and the guarantee has begun for all of them. */
async function startAll<List extends Backplanes>(backplanes: List, topic: string): Promise<Sites> {
	const sites = await startSites(backplanes, topic);
	await Promise.all(sites.map(({ subscribed }) => subscribed));
	return sites;
}

type Sites = readonly [BrokerSite, BrokerSite, BrokerSite, BrokerSite];

async function stopAll(sites: readonly BrokerSite[]): Promise<void> {
	await Promise.all(sites.map((site) => site.stop()));
}
