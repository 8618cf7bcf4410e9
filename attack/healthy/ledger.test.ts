import { expect, test } from "vitest";
import { Ledger } from "./ledger.ts";

test("what each receiver has had is not lost, and each arrival has a latency", () => {
	const ledger = new Ledger(1, 2);
	expect([ledger.send(0, 100), ledger.send(0, 105)]).toEqual([0, 1]);
	ledger.receive(0, 0, 0, 101);
	ledger.receive(1, 0, 0, 103);
	expect(ledger.missing).toBe(2);
	ledger.receive(0, 0, 1, 115);
	ledger.receive(1, 0, 1, 125);
	expect(ledger.missing).toBe(0);
	expect(ledger.health(null)).toEqual({ sent: 2, lost: 0, p50: 3, p99: 20, failure: null });
});

test("senders are in order among their own messages alone", () => {
	const ledger = new Ledger(2, 2);
	ledger.send(0, 0);
	ledger.send(1, 0);
	for (const [receiver, sender] of [
		[0, 1],
		[0, 0],
		[1, 0],
		[1, 1],
	] as const)
		ledger.receive(receiver, sender, 0, 1);
	expect(ledger.health(null).lost).toBe(0);
});

test.each<[string, readonly number[], number]>([
	["one that never came", [0, 1], 1],
	["one that was left out", [0, 2], 1],
	["one that came twice", [0, 1, 1, 2], 1],
	["one that came late was lost, and is wrong", [0, 2, 1], 2],
	["one that was never sent", [0, 1, 2, 3], 1],
])("%s", (_, numbers, lost) => {
	const ledger = new Ledger(1, 1);
	for (let i = 0; i < 3; i++) ledger.send(0, 0);
	for (const number of numbers) ledger.receive(0, 0, number, 1);
	expect(ledger.health(null).lost).toBe(lost);
});

test("it begins anew", () => {
	const ledger = new Ledger(1, 1);
	ledger.send(0, 0);
	ledger.begin();
	expect(ledger.send(0, 0)).toBe(0);
	ledger.receive(0, 0, 0, 4);
	expect(ledger.health("gone")).toEqual({ sent: 1, lost: 0, p50: 4, p99: 4, failure: "gone" });
});
