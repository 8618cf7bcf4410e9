import { expect, test } from "vitest";
import type { Sample } from "./subject.ts";
import { ALLOWED, growths, type Life, shortfalls } from "./verdict.ts";

const MIB = 1024 * 1024;
const IDLE: Sample = {
	time: 0,
	bytes: 60 * MIB,
	resident: 60 * MIB,
	files: 20,
	connections: 0,
	sockets: 0,
	stats: { held: 0 },
	handles: 3,
};

/** Samples under load; `of`: what is different in each. */
function samples(of: (i: number) => Partial<Sample>): Sample[] {
	return Array.from({ length: 40 }, (_, i) => ({ ...IDLE, time: i * 1000, connections: 30, files: 50, ...of(i) }));
}

const FOUND = { connections: 100, messages: 500, ways: { reset: 100 }, wrong: [], wrongs: 0, disturbed: 0 };
const LIFE: Life = { name: "a", before: IDLE, samples: samples(() => ({})), after: IDLE, found: FOUND, complaint: "" };

test("a process that returns to where it was has held", () => {
	expect(shortfalls(LIFE)).toEqual([]);
});

test("what grows in the first half alone is no trend", () => {
	const grown = samples((i) => ({ bytes: (60 + Math.min(i, 20) * 2) * MIB }));
	expect(shortfalls({ ...LIFE, samples: grown })).toEqual([]);
});

test("the growth is that of the second half, in the unit of what grows", () => {
	const grown = samples((i) => ({ bytes: 60 * MIB + i * 1000, files: 50 + i }));
	const [bytes, files] = growths({ samples: grown });
	expect(bytes).toMatchObject({ what: "bytes", growth: 19_000 });
	expect(files).toMatchObject({ what: "files", growth: 19 });
});

test("files that belong to connections are no trend", () => {
	const more = samples((i) => ({ connections: 30 + (i % 5), files: 50 + (i % 5) }));
	expect(shortfalls({ ...LIFE, samples: more })).toEqual([]);
});

test.each<[string, Partial<Life>, RegExp]>([
	[
		"memory that rises",
		{ samples: samples((i) => ({ bytes: 60 * MIB + (i * ALLOWED.bytes) / 15 })) },
		/^bytes grow by/,
	],
	["files that stay open", { samples: samples((i) => ({ files: 50 + i })) }, /^files grow by 19 /],
	["connections that stay", { samples: samples((i) => ({ connections: 30 + i, files: 50 + i })) }, /^connections grow/],
	["a socket that is left", { after: { ...IDLE, sockets: 1 } }, /^0 connections and 1 sockets left/],
	["a file that is left", { after: { ...IDLE, files: 21 } }, /^1 files left open/],
	["a handle that is left", { after: { ...IDLE, handles: 4 } }, /^1 handles left/],
	["a sum that is not as before", { after: { ...IDLE, stats: { held: 7 } } }, /^stats\.held is 7, and was 0/],
	["a visit that went wrong", { found: { ...FOUND, wrong: ["reset: lost"], wrongs: 2 } }, /^2 visits .* reset: lost/],
	["clients that did nothing", { found: { ...FOUND, messages: 0 } }, /^no message/],
	["an error that is printed", { complaint: "Error: no\n" }, /^it said: Error: no$/],
])("%s falls short", (_, changes, shortfall) => {
	const found = shortfalls({ ...LIFE, ...changes });
	expect(found).toHaveLength(1);
	expect(found[0]).toMatch(shortfall);
});
