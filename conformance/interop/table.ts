// The interoperability table, from what the tests recorded.

import { COLUMNS, type Column } from "./columns.ts";

/** The outcome of one test. */
export interface Cell {
	readonly table: "interop";
	readonly peer: string;
	/** What our side ran on. */
	readonly runtime: string;
	readonly row: Column;
	readonly result: "ok" | "failed" | "missing" | "–";
	/** Why not, for `–` and `missing`; what `ok` does not stand for. */
	readonly reason?: string;
}

/** The table as Markdown, from lines of JSON; lines of other tables are left alone. A `?` has no outcome: its test did not end. */
export function interopTable(lines: readonly string[]): string {
	const cells = lines.map((line) => JSON.parse(line) as Cell).filter(({ table }) => table === "interop");
	// The two roles are tested side by side: the clients come first.
	const peers = [...new Set(cells.map(({ peer }) => peer))].toSorted(
		(one, two) => Number(one.endsWith("(server)")) - Number(two.endsWith("(server)")),
	);
	const rows = [["peer", "ours on", ...COLUMNS]];
	for (const peer of peers) rows.push(...linesOf(cells.filter((cell) => cell.peer === peer)));
	const [head, ...body] = rows.map((row) => `| ${row.join(" | ")} |`);
	return [head, `|${"---|".repeat(COLUMNS.length + 2)}`, ...body, ...legend(cells)].join("\n");
}

/** A peer's lines: runtimes with the same results share one. */
function linesOf(cells: readonly Cell[]): string[][] {
	const shared = new Map<string, { runtimes: string[]; results: string[] }>();
	for (const runtime of new Set(cells.map((cell) => cell.runtime))) {
		const results = COLUMNS.map(
			(column) => cells.findLast((cell) => cell.runtime === runtime && cell.row === column)?.result ?? "?",
		);
		const line = shared.get(results.join()) ?? { runtimes: [], results };
		shared.set(results.join(), line);
		line.runtimes.push(runtime);
	}
	return [...shared.values()].map(({ runtimes, results }) => [cells[0]!.peer, runtimes.join(", "), ...results]);
}

/** Each reason once, with those that it stands for. */
function legend(cells: readonly Cell[]): string[] {
	const reasons = new Map<string, Map<string, Set<string>>>();
	for (const { peer, row, result, reason } of cells) {
		if (reason === undefined) continue;
		const rows = reasons.get(`${result}: ${reason}`) ?? new Map<string, Set<string>>();
		reasons.set(`${result}: ${reason}`, rows);
		rows.set(peer, (rows.get(peer) ?? new Set<string>()).add(row));
	}
	const entries = [...reasons].map(([reason, peers]) => {
		const places = [...peers].map(
			([peer, rows]) => `${peer}: ${rows.size === COLUMNS.length ? "all" : [...rows].join(", ")}`,
		);
		return `- ${reason} (${places.join("; ")})`;
	});
	return entries.length === 0 ? [] : ["", ...entries];
}
