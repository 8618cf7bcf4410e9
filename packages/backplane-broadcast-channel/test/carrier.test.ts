import { afterEach, expect, test } from "vitest";
import { BroadcastChannelCarrier } from "../src/carrier.ts";
import { broadcastChannelBackplane } from "../src/index.ts";

const carriers: BroadcastChannelCarrier[] = [];

afterEach(async () => {
	for (const carrier of carriers.splice(0)) await carrier.close();
});

/** A carrier, and a function that waits for so many messages. */
function open(name: string): { carrier: BroadcastChannelCarrier; until: (count: number) => Promise<string[]> } {
	const carrier = new BroadcastChannelCarrier(name);
	carriers.push(carrier);
	const came: string[] = [];
	let check = (): void => {};
	carrier.open({
		connected() {},
		disconnected() {},
		received(channel, bytes) {
			came.push(`${channel}:${bytes.join()}`);
			check();
		},
	});
	const until = (count: number): Promise<string[]> =>
		new Promise((resolve) => {
			check = () => void (came.length >= count && resolve([...came]));
			check();
		});
	return { carrier, until };
}

test("a message reaches those that have subscribed to its channel, in their own name", async () => {
	const [a, b, other] = [open("one"), open("one"), open("other")];
	await Promise.all([b.carrier.subscribe("x"), b.carrier.subscribe("z"), other.carrier.subscribe("x")]);
	await Promise.all([a.carrier.subscribe("x"), other.carrier.subscribe("y")]);
	a.carrier.publish("x", Uint8Array.of(1));
	a.carrier.publish("y", Uint8Array.of(2));
	a.carrier.publish("x", Uint8Array.of(3));
	b.carrier.unsubscribe("x");
	b.carrier.subscribe("x");
	a.carrier.publish("z", Uint8Array.of(4));
	expect(await b.until(3)).toEqual(["x:1", "x:3", "z:4"]);
	open("other").carrier.publish("x", Uint8Array.of(9));
	expect(await other.until(1)).toEqual(["x:9"]);
});

test.each([
	null,
	"x",
	{ kind: "messages", from: "s", sum: 1 },
	{ kind: "messages", from: "s", sum: 1, messages: [null] },
	{ kind: "messages", from: "s", sum: Number.NaN, messages: [] },
	{ kind: "read", from: "s", of: "t", sum: "1" },
	{ kind: "hello" },
	{ kind: "other", from: "s" },
])("a post that is none of ours is ignored: %j", async (post) => {
	const { carrier, until } = open("strange");
	await carrier.subscribe("x");
	const strange = new BroadcastChannel("barewire.backplane/1 strange");
	strange.postMessage(post);
	strange.postMessage({ kind: "messages", from: "s", sum: 1, messages: [["x", Uint8Array.of(7)]] });
	expect(await until(1)).toEqual(["x:7"]);
	strange.close();
});

test("options are checked", () => {
	expect(() => broadcastChannelBackplane({ name: 5 as never })).toThrow("the option `name` must be a string");
	expect(() => broadcastChannelBackplane({ whileAway: "x" as never })).toThrow('"drop" or "keep"');
});
