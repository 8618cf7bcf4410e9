import { expect, test } from "vitest";
import { Confirmations } from "../src/confirmations.ts";

/** Answers are given by hand. */
function withPings(): { confirmations: Confirmations; pings: PromiseWithResolvers<void>[] } {
	const pings: PromiseWithResolvers<void>[] = [];
	const confirmations = new Confirmations(() => {
		const ping = Promise.withResolvers<void>();
		pings.push(ping);
		return ping.promise;
	});
	return { confirmations, pings };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("an answer confirms what was sent before its PING, and no more", async () => {
	const { confirmations, pings } = withPings();
	confirmations.sent(64 * 1024 - 64);
	expect(pings.length).toBe(1);
	confirmations.sent(36);
	expect(confirmations.pending).toBe(64 * 1024 + 100);
	pings[0]?.resolve();
	await settled();
	expect(confirmations.pending).toBe(100);
	confirmations.clear();
	expect(confirmations.pending).toBe(0);
});

test("an answer that never comes confirms nothing", async () => {
	const { confirmations, pings } = withPings();
	confirmations.sent(64 * 1024);
	pings[0]?.reject(new Error("disconnected"));
	await settled();
	expect(confirmations.pending).toBe(64 * 1024 + 64);
	confirmations.clear();
});

test("one PING serves for all subscriptions of a turn", async () => {
	const { confirmations, pings } = withPings();
	const all = Promise.all([confirmations.ofAll(), confirmations.ofAll()]);
	await settled();
	expect(pings.length).toBe(1);
	pings[0]?.resolve();
	await all;
	void confirmations.ofAll();
	await settled();
	expect(pings.length).toBe(2);
});
