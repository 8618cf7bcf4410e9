import { expect, test } from "vitest";
import { readJunit } from "../junit.ts";

test("a report as Deno writes it", () => {
	const xml = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="deno test" tests="2" failures="1" errors="0" time="1.036">
    <testsuite name="./a_test.ts" tests="2" disabled="0" errors="0" failures="1">
        <testcase name="server &gt; closing &gt; 1" classname="./a_test.ts" time="0.028" line="3" col="68">
        </testcase>
        <testcase name="bad &amp; &lt;thing&gt;" classname="./a_test.ts" time="0.001" line="4" col="6">
            <failure message="Uncaught Error: x">Error: x</failure>
        </testcase>
    </testsuite>
</testsuites>`;
	expect(readJunit(xml)).toEqual([
		{ file: "a_test.ts", name: "server > closing > 1", status: "passed" },
		{ file: "a_test.ts", name: "bad & <thing>", status: "failed" },
	]);
});

test("a report as Bun writes it, with a suite in a suite", () => {
	const xml = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="bun test" tests="3">
  <testsuite name="b_test.ts" file="b_test.ts" tests="3">
    <testcase name="1" classname="" time="0.018122" file="b_test.ts" line="4" assertions="0" />
    <testsuite name="group">
      <testcase name="2" classname="group" file="b_test.ts"><skipped /></testcase>
      <testcase name="3" classname="group" file="b_test.ts"><failure type="Error" message="x">Error: x</failure></testcase>
    </testsuite>
  </testsuite>
</testsuites>`;
	expect(readJunit(xml).map(({ name, status }) => `${name} ${status}`)).toEqual(["1 passed", "2 skipped", "3 failed"]);
});

test("what is no report is an error", () => {
	expect(() => readJunit("")).toThrow("without test suites");
});
