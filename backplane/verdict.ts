import { type Result, silentlyLost } from "./run.ts";
import { BURST, deliveries, SITES } from "./schedule.ts";

const MAX_GROWTH = 64 * 1024 * 1024;

/** What falls short of what a backplane promises. */
export function shortfalls({ messages, exact, flood, after }: Result): string[] {
	const found: string[] = [];
	const wanted = deliveries(0, messages / SITES / BURST);
	for (const [site, { came, missing, wrong, gaps, dropped }] of exact.entries()) {
		if (came !== wanted || missing > 0) found.push(`server ${site}: ${came} of ${wanted} came, ${missing} are missing`);
		if (wrong > 0) found.push(`server ${site}: ${wrong} came twice, out of order or on another topic`);
		if (gaps > 0 || dropped > 0) found.push(`server ${site}: ${gaps} gaps, ${dropped} dropped, and nothing was wrong`);
	}
	if (flood.local !== flood.wanted) found.push(`stopped: ${flood.local} of ${flood.wanted} came locally`);
	if (flood.growth > MAX_GROWTH) found.push(`stopped: the memory grew by ${inMebibytes(flood.growth)} MiB`);
	for (const [site, report] of after.entries()) {
		if (report.wrong > 0) found.push(`stopped: ${report.wrong} came twice or out of order at server ${site}`);
		const lost = site === 0 ? 0 : silentlyLost(report, exact[site], flood);
		// A gap that does not know the number stands for any.
		if (lost > 0 && report.unknown === 0) found.push(`stopped: ${lost} were lost at server ${site} without a word`);
	}
	return found;
}

/** A line of figures. */
export function figures(result: Result): string {
	const { broker, messages, seconds, exact, flood, after } = result;
	const came = exact.reduce((sum, report) => sum + report.came, 0);
	const lost = after.reduce((sum, report) => sum + report.reported, 0);
	const unknown = after.reduce((sum, report) => sum + report.unknown, 0);
	return [
		`${broker}: ${messages} messages, ${came} deliveries in ${seconds.toFixed(1)} s, ${shortfalls(result).length} shortfalls`,
		`stopped: ${flood.bursts * BURST} messages, ${flood.local} local deliveries, +${inMebibytes(flood.growth)} MiB, ${lost} lost deliveries reported, ${unknown} gaps without a number`,
	].join("; ");
}

function inMebibytes(bytes: number): string {
	return (bytes / 1024 / 1024).toFixed(1);
}
