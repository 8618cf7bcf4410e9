import { expect, test } from "vitest";
import { encodeMessage, Numbers } from "./numbers.ts";

test("each publisher counts on each topic", () => {
	const numbers = new Numbers([3, 4]);
	for (const [site, topic] of [
		[0, 3],
		[1, 3],
		[0, 4],
	] as const)
		for (let number = 0; number < 10; number++) numbers.add(encodeMessage(site, topic, number));
	expect(numbers).toMatchObject({ came: 30, missing: 0, wrong: 0 });
});

test("what is left out, repeated, late or not wanted is seen", () => {
	const numbers = new Numbers([3]);
	for (const number of [0, 3, 3, 2]) numbers.add(encodeMessage(0, 3, number));
	numbers.add(encodeMessage(0, 4, 0));
	expect(numbers).toMatchObject({ came: 2, missing: 2, wrong: 3 });
});
