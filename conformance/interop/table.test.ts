import { expect, test } from "vitest";
import { COLUMNS } from "./columns.ts";
import { type Cell, interopTable } from "./table.ts";

function lines(peer: string, runtime: string, results: Partial<Record<Cell["row"], Cell["result"]>>): string[] {
	return COLUMNS.map((row) => {
		const result = results[row] ?? "ok";
		const cell: Cell = { table: "interop", peer, runtime, row, result };
		return JSON.stringify(result === "–" || result === "missing" ? { ...cell, reason: "why" } : cell);
	});
}

test("a line for each peer and result, clients first", () => {
	const table = interopTable([
		...lines("b (server)", "node", {}),
		...lines("a (client)", "node", { fragments: "–" }),
		...lines("a (client)", "deno", { fragments: "–" }),
		...lines("a (client)", "bun", { fragments: "–", "1 MiB": "failed" }),
	]);
	expect(table.split("\n")).toEqual([
		`| peer | ours on | ${COLUMNS.join(" | ")} |`,
		`|---|---|${"---|".repeat(COLUMNS.length)}`,
		`| a (client) | node, deno | ok | ok | – |${" ok |".repeat(COLUMNS.length - 3)}`,
		`| a (client) | bun | ok | ok | – | failed |${" ok |".repeat(COLUMNS.length - 4)}`,
		`| b (server) | node |${" ok |".repeat(COLUMNS.length)}`,
		"",
		"- –: why (a (client): fragments)",
	]);
});

test("an `ok` that does not stand for all", () => {
	const cell: Cell = {
		table: "interop",
		peer: "a (client)",
		runtime: "node",
		row: "text",
		result: "ok",
		reason: "one way",
	};
	const [, ...rest] = lines("a (client)", "node", {});
	const table = interopTable([JSON.stringify(cell), ...rest]);
	expect(table).toContain("| a (client) | node | ok | ok |");
	expect(table).toContain("- ok: one way (a (client): text)");
});

test("a test that did not end is no `ok`", () => {
	const [, ...rest] = lines("a (client)", "node", {});
	expect(interopTable(rest)).toContain("| a (client) | node | ? | ok |");
});

test("a peer that is missing", () => {
	const missing = Object.fromEntries(COLUMNS.map((row) => [row, "missing" as const]));
	const table = interopTable(lines("a (client)", "node", missing));
	expect(table).toContain(`| a (client) | node |${" missing |".repeat(COLUMNS.length)}`);
	expect(table).toContain("- missing: why (a (client): all)");
});

test("the lines of another table are none of this one", () => {
	const other = JSON.stringify({ ...JSON.parse(lines("a (client)", "node", {})[0] ?? ""), table: "other" });
	expect(interopTable([other])).not.toContain("a (client)");
});
