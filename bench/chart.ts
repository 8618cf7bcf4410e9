import type { Comparison } from "./report.ts";
import { RUNTIMES, type Runtime } from "./runtimes.ts";
import { BAREWIRE } from "./servers.ts";
import type { Written } from "./written.ts";

/** What is drawn, from the top to the bottom. */
const ROWS: readonly { readonly id: string; readonly label: string }[] = [
	{ id: "20Bx1", label: "20 B × 1" },
	{ id: "20Bx32", label: "20 B × 32" },
	{ id: "1KiBx16", label: "1 KiB × 16" },
	{ id: "16KiBx4", label: "16 KiB × 4" },
	{ id: "1MiBx1", label: "1 MiB × 1" },
	{ id: "broadcast:1KiBto500x1", label: "broadcast" },
	{ id: "broadcast:1KiBto500x16", label: "broadcast × 16" },
	{ id: "openings", label: "opening" },
	{ id: "http:100Bx1", label: "HTTP GET" },
	{ id: "idle", label: "idle memory" },
];

const LABELS = 96;
const PANEL = 236;
const GAP = 12;
const HEAD = 44;
const ROW = 18;
const BAR = 10;
const FOOT = 40;
/** The largest ratio that fits; a longer bar is cut and says how long it is. */
const MOST = 2;
/** Room for the number behind the longest bar. */
const NUMBER = 36;

const STYLE = `text { font: 11px system-ui, sans-serif; fill: #57606a }
.title { font-weight: 600; fill: #1f2328 }
.line { stroke: #8c959f; stroke-dasharray: 2 2 }
.less { fill: #0969da } .more { fill: #bc4c00 } .span { stroke: #57606a; opacity: .6 }
@media (prefers-color-scheme: dark) {
text { fill: #9198a1 } .title { fill: #f0f6fc }
.less { fill: #4493f8 } .more { fill: #db6d28 } .span { stroke: #9198a1 }
}`;

/** Bars of barewire's ratios to each runtime's own server. Without a background, in colours for light pages and for dark ones. */
export function drawChart({ machine, comparisons }: Written): string {
	const runtimes = RUNTIMES.filter((runtime) => comparisons.some((one) => one.runtime === runtime));
	const rows = ROWS.filter(({ id }) => comparisons.some((one) => one.id === id));
	const width = LABELS + runtimes.length * (PANEL + GAP);
	const height = HEAD + rows.length * ROW + FOOT;
	const labels = rows.map(({ label }, i) => text(LABELS - 8, baseline(i), label, 'text-anchor="end"'));
	const panels = runtimes.flatMap((runtime, i) => {
		const own = comparisons.filter((one) => one.runtime === runtime);
		return drawPanel(
			LABELS + i * (PANEL + GAP),
			rows.map(({ id }) => own.find((one) => one.id === id) ?? null),
			{
				title: `${titleOf(runtime, machine.versions)}, beside`,
				bottom: HEAD + rows.length * ROW,
			},
		);
	});
	return [
		`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
		`<title>What barewire costs, by what each runtime's own server or ws costs</title>`,
		`<style>${STYLE}</style>`,
		...labels,
		...panels,
		text(LABELS, height - 22, "Less is better; 1.0: the same cost. CPU time, but for memory."),
		text(LABELS, height - 6, `${machine.date}, ${machine.processor}`),
		"</svg>",
		"",
	].join("\n");
}

function drawPanel(
	left: number,
	rows: readonly (Comparison | null)[],
	{ title, bottom }: { readonly title: string; readonly bottom: number },
): string[] {
	const x = (ratio: number): number => round(left + (Math.min(ratio, MOST) / MOST) * (PANEL - NUMBER));
	const references = rows.flatMap((row) => row?.servers ?? []).filter(({ isReference }) => isReference);
	// "ws" and "ws + native add-ons" are one.
	const names = new Set(references.map(({ name }) => name.split(" + ")[0]!));
	return [
		text(left, 14, title, 'class="title"'),
		text(left, 30, [...names].join(", ")),
		`<line class="line" x1="${x(1)}" x2="${x(1)}" y1="${HEAD - 8}" y2="${bottom}"/>`,
		...rows.flatMap((row, i) => {
			const own = row?.servers.find(({ name }) => name === BAREWIRE);
			if (own === undefined) return [];
			const { ratio, lowest, highest } = own;
			const top = HEAD + i * ROW + (ROW - BAR) / 2;
			const middle = top + BAR / 2;
			return [
				`<rect class="${ratio <= 1 ? "less" : "more"}" x="${left}" y="${top}" width="${round(x(ratio) - left)}" height="${BAR}"/>`,
				`<line class="span" x1="${x(lowest)}" x2="${x(highest)}" y1="${middle}" y2="${middle}"/>`,
				text(round(Math.max(x(ratio), x(highest)) + 4), baseline(i), ratio.toFixed(2)),
			];
		}),
	];
}

function titleOf(runtime: Runtime, versions: readonly string[]): string {
	return versions.find((version) => version.toLowerCase().startsWith(`${runtime} `)) ?? runtime;
}

function baseline(row: number): number {
	return HEAD + row * ROW + ROW / 2 + 4;
}

function text(x: number, y: number, content: string, attributes: string = ""): string {
	return `<text x="${x}" y="${y}"${attributes === "" ? "" : ` ${attributes}`}>${escaped(content)}</text>`;
}

function escaped(content: string): string {
	return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function round(value: number): number {
	return Math.round(value * 10) / 10;
}
