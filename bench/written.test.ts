import { expect, test } from "vitest";
import { formatResults } from "./written.ts";

test("the machine, then the tables by runtime", () => {
	const machine = {
		date: "2026-01-31",
		processor: "Processor",
		processors: 2,
		memory: "8 GiB",
		system: "Linux 6",
		versions: ["Node 24.0.0", "ws 8.0.0"],
	};
	const written = formatResults({ machine, options: ["--quick", "--write"] }, [
		{ title: "Node 24.0.0", texts: ["first\n  1\n", "second\n  2\n"] },
		{ title: "Marks", texts: ["third\n"] },
	]);
	expect(written.split("\n").slice(4)).toEqual([
		"| | |",
		"|---|---|",
		"| date | 2026-01-31 |",
		"| processor | Processor, 2 of them |",
		"| memory | 8 GiB |",
		"| system | Linux 6 |",
		"| versions | Node 24.0.0, ws 8.0.0 |",
		"| command | `bench --quick --write` |",
		"",
		"## Node 24.0.0",
		"",
		"```text",
		"first",
		"  1",
		"```",
		"",
		"```text",
		"second",
		"  2",
		"```",
		"",
		"## Marks",
		"",
		"```text",
		"third",
		"```",
		"",
	]);
});
