import { expect, test } from "vitest";
import { compare } from "./results.ts";
import { formatComparison, formatScaling, percent } from "./table.ts";

const MEASURED = [
	{ name: "barewire", rounds: [1, 3, 2], columns: { "load busy": "40 %" } },
	{ name: "other", rounds: [2, 2, 2], columns: { "load busy": "50 %", more: "x" } },
	{ name: "floor", rounds: [0.5, 0.5, 0.5] },
];

test("servers beside the reference, with what else is told of them", () => {
	const lines = formatComparison("title", "µs", compare(MEASURED, ["other"])).split("\n");
	expect(lines).toEqual([
		"title",
		"              µs  ratio     rounds  load busy  more",
		"  barewire  2.00   1.00  0.50–1.50       40 %     –",
		"  other     2.00   1.00  reference       50 %     x",
		"  floor     0.50   0.25  0.25–0.25          –     –",
		"",
	]);
});

test("the reference is the better one", () => {
	const compared = compare(MEASURED, ["other", "floor"]);
	expect(compared.map(({ isReference }) => isReference)).toEqual([false, false, true]);
	expect(compared[0]).toMatchObject({ ratio: 4, lowest: 2, highest: 6, difference: 1.5 });
});

test("costs at each level, and how they grow", () => {
	const turns = (...costs: number[]) =>
		costs.map((cost) => ({ cost, messages: 1, share: 1, busy: 0.5, latency: null }));
	const levels = [
		{ connections: 10, active: 10 },
		{ connections: 1000, active: 10 },
		{ connections: 1000, active: 1000 },
	];
	const scaled = [{ name: "barewire", rounds: [turns(1, 1, 2), turns(2, 3, 6), turns(4, 4, 4)] }];
	expect(formatScaling("title", levels, scaled).split("\n")).toEqual([
		"title, CPU µs/message",
		"            10 active  10 of 1000  ratio  1000 active  ratio  load busy",
		"  barewire       2.00        3.00   1.00         4.00   2.00       50 %",
		"",
	]);
});

test("a share in percent", () => {
	expect(percent(0.1234, 1)).toBe("12.3 %");
	expect(percent(1, 0)).toBe("100 %");
});
