import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readJunit } from "./junit.ts";
import { inReportFolder } from "./report-folder.ts";
import { ROOT } from "./repository.ts";
import { runToEnd } from "./run-to-end.ts";
import type { TestResult } from "./test-result.ts";

/** A runtime with a test runner of its own. */
interface TestRunner {
	readonly runtime: string;
	/** Its command in node_modules/.bin, and how it is told to write a report there. */
	readonly command: (report: string) => readonly string[];
}

/** How long the tests on one runtime may take, in milliseconds. */
const LIMIT = 480_000;

const RUNNERS: Readonly<Record<"deno" | "bun", TestRunner>> = {
	deno: {
		runtime: "deno",
		// `tsc` and `deno check` look at the types.
		command: (report) => [
			"deno",
			"test",
			"-A",
			"--conditions=source",
			"--no-check",
			"--quiet",
			`--junit-path=${report}`,
		],
	},
	bun: {
		runtime: "bun",
		command: (report) => [
			"bun",
			"test",
			"--conditions=source",
			// As on Node: a hang must fail, and nothing else.
			"--timeout=30000",
			"--reporter=junit",
			`--reporter-outfile=${report}`,
		],
	},
};

/** Runs on Deno the tests whose path has one of the arguments in it; all of them without arguments. */
export const runDeno = (args: readonly string[]): Promise<TestResult> => runOn(RUNNERS.deno, args);

/** The same on Bun. */
export const runBun = (args: readonly string[]): Promise<TestResult> => runOn(RUNNERS.bun, args);

async function runOn({ runtime, command }: TestRunner, args: readonly string[]): Promise<TestResult> {
	const files = testFiles(runtime).filter((file) => args.length === 0 || args.some((arg) => file.includes(arg)));
	if (files.length === 0) return { runtime, tests: [], problems: [] };
	return inReportFolder(runtime, async (folder) => {
		const report = join(folder, "report.xml");
		const [program = runtime, ...options] = command(report);
		const { ending, output } = await runToEnd(
			join(ROOT, "node_modules", ".bin", program),
			// With the dot in front, a path is a path and no pattern.
			[...options, ...files.map((file) => `./${file}`)],
			LIMIT,
		);
		const tests = existsSync(report) ? readJunit(readFileSync(report, "utf8")) : [];
		const failed = tests.filter((test) => test.status === "failed").length;
		// What passed is in the report. The tests on Node print theirs at the same time, so this comes in one piece.
		const details = ending !== null || failed > 0 ? `${output}\n` : "";
		console.log(`\n── ${runtime}\n${details}${tests.length} tests on ${runtime}, ${failed} of them failed\n`);
		if (ending === null || failed > 0) return { runtime, tests, problems: [] };
		return { runtime, tests, problems: [`the tests ended badly (${ending}): see the output above`] };
	});
}

/** The runtime's tests: of its adapter, and the suite. */
function testFiles(runtime: string): string[] {
	const folder = `packages/transport-${runtime}/test`;
	const own = readdirSync(join(ROOT, folder)).filter((name) => name.endsWith(".test.ts"));
	return [...own.map((name) => `${folder}/${name}`), `conformance/run/${runtime}_test.ts`];
}
