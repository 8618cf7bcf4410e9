// Draws the state diagrams of docs/states.md: the halves from the tables of the code, the whole from all states that a
// connection can be led to. With --check it writes nothing, and exits 1 when the file is not current.

import { readFileSync, writeFileSync } from "node:fs";
import { ALL_TIMERS } from "../conformance/explore/settings.ts";
import { type Arrow, nameOf, type Visible, type VisibleGraph, visibleGraph } from "../conformance/explore/visible.ts";
import { INBOUND_TABLE, OUTBOUND_TABLE } from "../packages/connection/src/states.ts";

const FILE = new URL("../docs/states.md", import.meta.url);

type Table = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** A half's diagram. Inputs that lead from one state to the same other one share an arrow. */
function drawHalf(table: Table): string {
	const lines = ["    [*] --> open"];
	for (const [state, row] of Object.entries(table)) {
		const arrows = new Map<string, string[]>();
		for (const [input, next] of Object.entries(row)) {
			// What is no state is no arrow: `error`.
			if (Object.hasOwn(table, next)) arrows.set(next, [...(arrows.get(next) ?? []), input]);
		}
		// The end is final: what is still said to it changes nothing.
		if (state === "ended") lines.push("    ended --> [*]");
		else for (const [next, inputs] of arrows) lines.push(`    ${state} --> ${next}: ${inputs.join(", ")}`);
	}
	return mermaid(lines);
}

/** The whole connection's diagram, and the states that it leaves out. */
function drawWhole({ arrows, between }: VisibleGraph): string {
	const states = new Map<string, Visible>();
	for (const { from, to } of arrows) states.set(nameOf(from), from).set(nameOf(to), to);
	const lines = [...states].map(([name, state]) => `    state "${titleOf(state)}" as ${name}`);
	lines.push("    [*] --> open_open_open");
	for (const arrow of arrows) lines.push(`    ${nameOf(arrow.from)} --> ${nameOf(arrow.to)}: ${labelOf(arrow)}`);
	const last = [...states].filter(([name]) => !arrows.some(({ from }) => nameOf(from) === name));
	for (const [name] of last) lines.push(`    ${name} --> [*]`);
	const hidden = between.map((state) => `- ${titleOf(state)}`).sort();
	return [mermaid(lines), "", "Only until the driver has taken all events and all output:", "", ...hidden].join("\n");
}

function titleOf({ outbound, inbound, action, closed }: Visible): string {
	return [outbound, inbound, action, ...(closed ? ["closed"] : [])].join(" / ");
}

/** What leads there in one role alone tells which. */
function labelOf({ inputs }: Arrow): string {
	const labels = [...inputs].map(([name, roles]) => ({
		name,
		role: roles.size === 1 ? ` (${[...roles].join()})` : "",
	}));
	const first = labels[0]?.role ?? "";
	if (labels.every(({ role }) => role === first)) return labels.map(({ name }) => name).join(", ") + first;
	return labels.map(({ name, role }) => name + role).join(", ");
}

function mermaid(lines: readonly string[]): string {
	return ["```mermaid", "stateDiagram-v2", "    direction LR", ...lines, "```"].join("\n");
}

/** The text with the diagram between its marker and the end marker that follows it. */
function insert(text: string, name: string, diagram: string): string {
	const marker = `<!-- ${name}: drawn by \`pnpm diagram\` -->\n`;
	const start = text.indexOf(marker) + marker.length;
	const end = text.indexOf("<!-- end -->", start);
	if (start < marker.length || end < 0) throw new Error(`docs/states.md has lost its markers of ${name}`);
	return `${text.slice(0, start)}\n${diagram}\n\n${text.slice(end)}`;
}

const current = readFileSync(FILE, "utf8");
const drawn = [
	["outbound", drawHalf(OUTBOUND_TABLE)] as const,
	["inbound", drawHalf(INBOUND_TABLE)] as const,
	["whole", drawWhole(visibleGraph(ALL_TIMERS))] as const,
].reduce((text, [name, diagram]) => insert(text, name, diagram), current);

if (!process.argv.includes("--check")) {
	writeFileSync(FILE, drawn);
} else if (drawn !== current) {
	console.error("docs/states.md is not current: run `pnpm diagram`");
	process.exitCode = 1;
} else {
	console.log("docs/states.md is current");
}
