import type { Machine } from "./machine.ts";
import type { Comparison, Section } from "./report.ts";

/** What `--write` writes for programs: the comparisons of a run. */
export interface Written {
	readonly machine: Machine;
	/** The options of the command line. */
	readonly options: readonly string[];
	readonly comparisons: readonly Comparison[];
}

/** What `--write` writes for people: all tables of a run, and the machine that they are of. */
export function formatResults(
	{ machine, options }: Omit<Written, "comparisons">,
	sections: readonly Section[],
): string {
	const { date, processor, processors, memory, system, versions } = machine;
	const rows = [
		["date", date],
		["processor", `${processor}, ${processors} of them`],
		["memory", memory],
		["system", system],
		["versions", versions.join(", ")],
		["command", `\`${["bench", ...options].join(" ")}\``],
	];
	return [
		"# Results of the bench",
		"",
		"`bench --write` has written this file. What the tables mean: [README.md](README.md).",
		"",
		"| | |",
		"|---|---|",
		...rows.map((row) => `| ${row.join(" | ")} |`),
		...sections.flatMap(({ title, texts }) => [
			"",
			`## ${title}`,
			...texts.flatMap((text) => ["", "```text", text.trimEnd(), "```"]),
		]),
		"",
	].join("\n");
}
