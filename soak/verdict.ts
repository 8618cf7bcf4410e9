import type { Found } from "./clients/tally.ts";
import type { Sample } from "./subject.ts";
import { trendOf } from "./trend.ts";

/** What one process did in a run. */
export interface Life {
	readonly name: string;
	/** After the warm-up, with all clients gone. */
	readonly before: Sample;
	/** While clients came and went. */
	readonly samples: readonly Sample[];
	/** With all clients gone. */
	readonly after: Sample;
	/** Of the process of clients; null: a server. */
	readonly found: Found | null;
	/** What it has printed as an error; "": nothing. */
	readonly complaint: string;
}

/** By how much each may grow over the second half. README.md argues the numbers. */
export const ALLOWED = {
	bytes: 8 * 1024 * 1024,
	/** Those that are no connection's. */
	files: 4,
	connections: 8,
} as const;

/** So sure a growth must be to be a trend: less than one of 100 series without a trend seems so. */
const SURE = 2.33;

/** The growth of one number over the second half of a run. */
export interface Growth {
	readonly what: keyof typeof ALLOWED;
	readonly growth: number;
	readonly certainty: number;
}

const VALUES: Readonly<Record<keyof typeof ALLOWED, (sample: Sample) => number>> = {
	bytes: ({ bytes }) => bytes,
	files: ({ files, connections }) => files - connections,
	connections: ({ connections }) => connections,
};

/** The first half is that in which engines compile, and grow to the size that the load needs. */
export function secondHalf({ samples }: Pick<Life, "samples">): readonly Sample[] {
	return samples.slice(Math.floor(samples.length / 2));
}

export function growths(life: Pick<Life, "samples">): Growth[] {
	const half = secondHalf(life);
	return (Object.keys(VALUES) as Growth["what"][]).map((what) => ({
		what,
		...trendOf(half.map((sample) => ({ time: sample.time, value: VALUES[what](sample) }))),
	}));
}

/** What falls short, in a few words each; empty: nothing does. */
export function shortfalls(life: Life): string[] {
	const { before, after, found, complaint } = life;
	const short: string[] = [];
	for (const { what, growth, certainty } of growths(life)) {
		if (growth > ALLOWED[what] && certainty > SURE)
			short.push(`${what} grow by ${growth.toFixed(0)} (certainty ${certainty.toFixed(1)})`);
	}
	if (after.connections > 0 || after.sockets > 0)
		short.push(`${after.connections} connections and ${after.sockets} sockets left`);
	if (after.files > before.files) short.push(`${after.files - before.files} files left open`);
	if (after.handles !== null && after.handles > (before.handles ?? 0))
		short.push(`${after.handles - (before.handles ?? 0)} handles left`);
	for (const [name, value] of Object.entries(after.stats)) {
		if (value !== before.stats[name]) short.push(`stats.${name} is ${value}, and was ${before.stats[name]}`);
	}
	if (found !== null && found.wrongs > 0)
		short.push(`${found.wrongs} visits went wrong, such as ${found.wrong.join("; ")}`);
	if (found !== null && found.messages === 0) short.push("no message came back at all");
	if (complaint !== "") short.push(`it said: ${complaint.trimEnd()}`);
	return short;
}
