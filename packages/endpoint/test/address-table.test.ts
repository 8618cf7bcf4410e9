import fc from "fast-check";
import { expect, test } from "vitest";
import { AddressTable } from "../src/address-table.ts";

test("an address has as many as it may, and gets another one when one leaves", () => {
	const table = new AddressTable(2);
	const [one, two, three, other] = [{}, {}, {}, {}];
	expect([table.enter(one, "a"), table.enter(two, "a"), table.enter(three, "a"), table.enter(other, "b")]).toEqual([
		true,
		true,
		false,
		true,
	]);
	// The one that was refused holds no place.
	table.leave(three);
	expect(table.countOf("a")).toBe(2);
	table.leave(one);
	expect(table.enter(three, "a")).toBe(true);
});

test("one that enters for another address leaves the first", () => {
	const table = new AddressTable(1);
	const holder = {};
	table.enter(holder, "a");
	expect(table.enter(holder, "a")).toBe(true);
	expect([table.enter(holder, "b"), table.countOf("a"), table.countOf("b"), table.size]).toEqual([true, 0, 1, 1]);
});

test("under any churn the counts are those of who is there, and nothing is left of the others", () => {
	const holders = Array.from({ length: 8 }, () => ({}));
	const step = fc.tuple(fc.nat(7), fc.option(fc.constantFrom("a", "b", "c"), { freq: 2 }));
	fc.assert(
		fc.property(fc.integer({ min: 1, max: 3 }), fc.array(step, { maxLength: 60 }), (most, steps) => {
			const table = new AddressTable(most);
			const there = new Map<number, string>();
			const count = (address: string): number => [...there.values()].filter((each) => each === address).length;
			for (const [index, address] of steps) {
				const holder = holders[index] ?? {};
				there.delete(index);
				if (address === null) table.leave(holder);
				else {
					const hasRoom = count(address) < most;
					expect(table.enter(holder, address)).toBe(hasRoom);
					if (hasRoom) there.set(index, address);
				}
				for (const each of ["a", "b", "c"]) expect(table.countOf(each)).toBe(count(each));
				expect(table.size).toBe(new Set(there.values()).size);
			}
			for (const holder of holders) table.leave(holder);
			expect(table.size).toBe(0);
		}),
	);
});
