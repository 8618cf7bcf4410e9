import { expect, test } from "vitest";
import { Numbering } from "../../src/backplane/numbering.ts";

test("each channel has numbers of its own, and what has changed is told once", () => {
	const numbering = new Numbering();
	const numbers = ["a", "a", "b"].map((channel) => numbering.next(channel).number);
	expect(numbers).toEqual([1, 2, 1]);
	expect(numbering.takeChanged()).toEqual([
		{ channel: "a", epoch: 1, number: 2 },
		{ channel: "b", epoch: 2, number: 1 },
	]);
	expect(numbering.takeChanged()).toEqual([]);
	expect(numbering.of("c")).toBe(null);
});

test("a quiet channel is forgotten and begins a new epoch, one in use is not", () => {
	const numbering = new Numbering();
	numbering.forgetOld(0);
	numbering.next("quiet");
	numbering.next("used");
	for (let minute = 1; minute <= 3; minute++) {
		numbering.forgetOld(minute * 60_000);
		numbering.next("used");
	}
	expect(numbering.of("used")).toEqual({ channel: "used", epoch: 2, number: 4 });
	expect(numbering.of("quiet")).toBe(null);
	expect(numbering.next("quiet")).toEqual({ channel: "quiet", epoch: 3, number: 1 });
});

test("changes that can't be announced do not grow without end, and their loss is counted", () => {
	const numbering = new Numbering();
	for (let i = 0; i < 65_537; i++) numbering.next(`${i}`);
	expect(numbering.losses).toBe(1);
	expect(numbering.takeChanged()).toEqual([{ channel: "65536", epoch: 65_537, number: 1 }]);
});
