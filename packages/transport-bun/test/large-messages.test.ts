import { expect, test } from "bun:test";
import { largeMessages } from "../src/large-messages.ts";

const MIB = 1024 * 1024;

function counted(): { given: (size: number) => void; turn: () => void; collections: () => number } {
	const tasks: (() => void)[] = [];
	let count = 0;
	const given = largeMessages(
		(task) => void tasks.push(task),
		() => count++,
	);
	const turn = (): void => {
		for (const task of tasks.splice(0)) task();
	};
	return { given, turn, collections: () => count };
}

test("each 64 MiB of large messages ask for a collection, in a later turn", () => {
	const { given, turn, collections } = counted();
	for (let i = 0; i < 3; i++) {
		for (let j = 0; j < 8; j++) given(8 * MIB);
		expect(collections()).toBe(i);
		turn();
		expect(collections()).toBe(i + 1);
	}
	given(56 * MIB);
	turn();
	expect(collections()).toBe(3);
});

test("one collection is for all that a turn has given", () => {
	const { given, turn, collections } = counted();
	for (let i = 0; i < 4; i++) given(64 * MIB);
	turn();
	turn();
	expect(collections()).toBe(1);
});

test("smaller messages never ask for one", () => {
	const { given, turn, collections } = counted();
	for (let i = 0; i < 1000; i++) given(8 * MIB - 1);
	turn();
	expect(collections()).toBe(0);
});
