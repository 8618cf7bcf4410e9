import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { SUITE } from "./suite/index.ts";

const ROOT = new URL("../", import.meta.url);

/** A test as the page names it: `suite: family > name`, or a file and the title as it stands there. */
const NAMED = /^ {2}- (\S+): (`{1,2})(.+)\2$/;

/** Families, and cases of families. */
const suite = new Set(SUITE.flatMap(({ family, name }) => [family, `${family} > ${name}`]));

function exists(place: string, title: string): boolean {
	if (place === "suite") return suite.has(title);
	const source = readFileSync(new URL(place, ROOT), "utf8");
	return ['"', "`"].some((quote) => source.includes(`${quote}${title}${quote}`));
}

const lines = readFileSync(new URL("docs/security-cases.md", ROOT), "utf8").split("\n");

test("docs/security-cases.md names tests that there are", () => {
	const tests = lines.filter((line) => line.startsWith("  - "));
	expect(tests.length).toBeGreaterThan(0);
	const missing = tests.filter((line) => {
		const [, place = "", , title = ""] = NAMED.exec(line) ?? [];
		return title === "" || !exists(place, title);
	});
	expect(missing).toEqual([]);
});

test("and one for each rule", () => {
	const bare = lines.filter((line, i) => {
		if (!line.startsWith("- ")) return false;
		let next = i + 1;
		// The rest of a rule that takes two lines.
		while (/^ {2}[^- ]/.test(lines[next] ?? "")) next++;
		return !NAMED.test(lines[next] ?? "");
	});
	expect(bare).toEqual([]);
});
