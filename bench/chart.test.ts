import { expect, test } from "vitest";
import { drawChart } from "./chart.ts";
import type { Comparison } from "./report.ts";
import { compare } from "./results.ts";

const MACHINE = {
	date: "2026-01-31",
	processor: "Processor <1> & 2",
	processors: 2,
	memory: "8 GiB",
	system: "Linux 6",
	versions: ["Node 24.0.0", "Bun 1.4.5", "ws 8.0.0"],
};

function comparison(runtime: Comparison["runtime"], id: string, own: readonly number[], reference: string): Comparison {
	const measured = [
		{ name: "barewire", rounds: own },
		{ name: reference, rounds: [1, 1, 1] },
	];
	return { runtime, id, title: id, unit: "µs", servers: compare(measured, [reference]) };
}

function draw(...comparisons: Comparison[]): string {
	return drawChart({ machine: MACHINE, options: [], comparisons });
}

test("a bar for each case that was measured, with its ratio", () => {
	const chart = draw(
		comparison("node", "20Bx1", [0.5, 0.5, 0.5], "ws"),
		comparison("node", "http:100Bx1", [1.5, 1.5, 1.5], "node:http"),
		comparison("bun", "20Bx1", [1, 1, 1], "Bun.serve"),
	);
	expect(chart.match(/<rect class="less" /g)).toHaveLength(2);
	expect(chart.match(/<rect class="more" /g)).toHaveLength(1);
	for (const shown of [">0.50<", ">1.50<", ">1.00<", ">20 B × 1<", ">HTTP GET<", ">Node 24.0.0, beside<"])
		expect(chart).toContain(shown);
	expect(chart).not.toContain("Deno");
	expect(chart).not.toContain("1 MiB");
});

test("with and without add-ons, ws is one", () => {
	const chart = draw(
		comparison("node", "20Bx1", [1, 1, 1], "ws"),
		comparison("node", "20Bx32", [1, 1, 1], "ws + native add-ons"),
		comparison("node", "http:100Bx1", [1, 1, 1], "node:http"),
	);
	expect(chart).toContain(">ws, node:http<");
});

test("a bar that is too long is cut, and its number is not", () => {
	const cut = draw(comparison("node", "20Bx1", [9, 9, 9], "ws"));
	const longest = draw(comparison("node", "20Bx1", [2, 2, 2], "ws"));
	expect(cut).toContain(">9.00<");
	expect(cut.replace(">9.00<", ">2.00<")).toBe(longest);
});

test("what is text in the results is text in the picture", () => {
	expect(draw(comparison("node", "20Bx1", [1, 1, 1], "ws"))).toContain("Processor &lt;1&gt; &amp; 2");
});

test("light and dark", () => {
	const chart = draw(comparison("node", "20Bx1", [1, 1, 1], "ws"));
	expect(chart).toContain("@media (prefers-color-scheme: dark)");
	expect(chart).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 \d+ \d+" /);
});
