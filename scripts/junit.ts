import { XMLParser } from "fast-xml-parser";
import type { TestRecord } from "./test-result.ts";

interface Element {
	readonly testsuite?: readonly Element[];
	readonly testcase?: readonly TestCase[];
}

interface TestCase {
	readonly name: string;
	/** Bun has the file here, Deno in `classname`. */
	readonly file?: string;
	readonly classname?: string;
	readonly failure?: unknown;
	readonly error?: unknown;
	readonly skipped?: unknown;
}

const PARSER = new XMLParser({
	ignoreAttributes: false,
	attributeNamePrefix: "",
	parseAttributeValue: false,
	isArray: (name) => name === "testsuite" || name === "testcase",
	// Each test's name has some: there is no other bound than how many tests there are.
	processEntities: { enabled: true, maxTotalExpansions: Number.POSITIVE_INFINITY },
});

/** The tests in a report in JUnit's format, as Deno and Bun write it. */
export function readJunit(xml: string): TestRecord[] {
	const { testsuites } = PARSER.parse(xml) as { testsuites?: Element };
	if (testsuites === undefined) throw new Error("a report without test suites");
	return testsIn(testsuites);
}

function testsIn(element: Element): TestRecord[] {
	const own = (element.testcase ?? []).map(
		({ name, file, classname = "", failure, error, skipped }): TestRecord => ({
			file: (file ?? classname).replace(/^\.\//, ""),
			name,
			status: failure !== undefined || error !== undefined ? "failed" : skipped !== undefined ? "skipped" : "passed",
		}),
	);
	return [...own, ...(element.testsuite ?? []).flatMap(testsIn)];
}
