import { formatTable } from "../scripts/table.ts";
import { ATTACKS, type AttackName } from "./attacks/index.ts";
import type { Figures, Outcome } from "./figures.ts";

/** An attack that was made, and how it went. */
export interface Attempt {
	readonly attack: AttackName;
	/** Such as "echo on node". */
	readonly place: string;
	readonly outcome: Outcome;
	/** What falls short. */
	readonly found: readonly string[];
}

const HEAD = ["", "server", "rate", "peak MiB", "turn ms", "p50 ms", "p99 ms", "level MiB", "resident", "verdict"];

/** What fits into a table of what was said when a server ended. */
const LONGEST_VERDICT = 60;

export function formatAttempts(attempts: readonly Attempt[]): string {
	return formatTable("Attacks; p50, p99 and level before → during or after", [HEAD, ...attempts.map(row)]);
}

/** One attempt in one line. */
export function formatAttempt(attempt: Attempt): string {
	const [attack, place, ...cells] = row(attempt);
	const named = cells.map((cell, i) => (cell === "" ? "" : `${HEAD[i + 2]} ${cell}`)).filter((cell) => cell !== "");
	return `${attack}, ${place}: ${named.join(", ")}`;
}

/** The figures that matter and the verdict, in one line. */
export function summary(attempts: readonly Attempt[]): string {
	const short = attempts.filter(({ found }) => found.length > 0).length;
	const all = attempts.map(({ outcome }) => outcome).filter((outcome) => "peak" in outcome);
	const most = (of: (figures: Figures) => number): number => Math.max(0, ...all.map(of));
	const lost = all.reduce((sum, { quiet, during }) => sum + quiet.lost + during.lost, 0);
	return [
		`${attempts.length} attacks`,
		`${attempts.length - all.length} broken`,
		`${lost} healthy messages lost`,
		`p50 up to ${most(({ quiet, during }) => during.p50 / quiet.p50).toFixed(1)}×`,
		`p99 up to ${most(({ during }) => during.p99).toFixed(1)} ms`,
		`turns up to ${most(({ turn }) => turn).toFixed(0)} ms`,
		`memory up to ${mebibytes(most(({ peak }) => peak))} MiB`,
		short === 0 ? "all held: pass" : `${short} fell short: FAIL`,
	].join(", ");
}

function row({ attack, place, outcome, found }: Attempt): string[] {
	const verdict = found.length === 0 ? "held" : found.map((one) => firstLine(one)).join("; ");
	if ("broken" in outcome) return [attack, place, "", "", "", "", "", "", "", verdict];
	const { count, milliseconds, peak, turn, quiet, during, before, after } = outcome;
	return [
		attack,
		place,
		`${perSecond(count, milliseconds)} ${ATTACKS[attack].unit}/s`,
		mebibytes(peak),
		turn.toFixed(0),
		`${quiet.p50.toFixed(2)} → ${during.p50.toFixed(2)}`,
		`${quiet.p99.toFixed(1)} → ${during.p99.toFixed(1)}`,
		`${mebibytes(before.bytes)} → ${mebibytes(after.bytes)}`,
		`${mebibytes(before.resident)} → ${mebibytes(after.resident)}`,
		verdict,
	];
}

function firstLine(text: string): string {
	const line = text.split("\n", 1)[0]!;
	return line.length > LONGEST_VERDICT ? `${line.slice(0, LONGEST_VERDICT)}…` : line;
}

function perSecond(count: number, milliseconds: number): string {
	const rate = (count / milliseconds) * 1000;
	return rate < 10 ? rate.toFixed(1) : rate.toFixed(0);
}

function mebibytes(bytes: number): string {
	return (bytes / 1024 ** 2).toFixed(1);
}
