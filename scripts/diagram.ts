// Draws the state diagrams of docs/states.md from the tables of the code. With --check it writes nothing, and exits 1 when
// the file is not current.

import { readFileSync, writeFileSync } from "node:fs";
import { INBOUND_TABLE, OUTBOUND_TABLE } from "@barewire/connection";

const FILE = new URL("../docs/states.md", import.meta.url);

type Table = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** A Mermaid state diagram. Inputs that lead from one state to the same other one share an arrow. */
function draw(table: Table): string {
	const lines = ["```mermaid", "stateDiagram-v2", "    direction LR", "    [*] --> http"];
	for (const [state, row] of Object.entries(table)) {
		const arrows = new Map<string, string[]>();
		for (const [input, next] of Object.entries(row)) {
			// What is no state is no arrow: `misuse` and `impossible`.
			if (Object.hasOwn(table, next)) arrows.set(next, [...(arrows.get(next) ?? []), input]);
		}
		// The end is final: what is still said to it changes nothing.
		if (state === "ended") lines.push("    ended --> [*]");
		else for (const [next, inputs] of arrows) lines.push(`    ${state} --> ${next}: ${inputs.join(", ")}`);
	}
	return [...lines, "```"].join("\n");
}

/** The text with the diagram between the half's marker and the end marker that follows it. */
function insert(text: string, half: string, diagram: string): string {
	const marker = `<!-- ${half}: drawn by \`pnpm diagram\` -->\n`;
	const start = text.indexOf(marker) + marker.length;
	const end = text.indexOf("<!-- end -->", start);
	if (start < marker.length || end < 0) throw new Error(`docs/states.md has lost its markers of ${half}`);
	return `${text.slice(0, start)}\n${diagram}\n\n${text.slice(end)}`;
}

const current = readFileSync(FILE, "utf8");
const drawn = insert(insert(current, "outbound", draw(OUTBOUND_TABLE)), "inbound", draw(INBOUND_TABLE));

if (!process.argv.includes("--check")) {
	writeFileSync(FILE, drawn);
} else if (drawn !== current) {
	console.error("docs/states.md is not current: run `pnpm diagram`");
	process.exitCode = 1;
} else {
	console.log("docs/states.md is current");
}
