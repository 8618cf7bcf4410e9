import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readJunit } from "./junit.ts";
import { inReportFolder } from "./report-folder.ts";
import { ROOT } from "./repository.ts";
import type { TestResult } from "./test-result.ts";

/** A runtime with a test runner of its own. */
interface TestRunner {
	readonly runtime: string;
	/** Its command in node_modules/.bin, and how it is told to write a report there. */
	readonly command: (report: string) => readonly string[];
}

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
		command: (report) => ["bun", "test", "--conditions=source", "--reporter=junit", `--reporter-outfile=${report}`],
	},
};

/** Runs on Deno the tests whose path has one of the arguments in it; all of them without arguments. */
export const runDeno = (args: readonly string[]): TestResult => runOn(RUNNERS.deno, args);

/** The same on Bun. */
export const runBun = (args: readonly string[]): TestResult => runOn(RUNNERS.bun, args);

function runOn({ runtime, command }: TestRunner, args: readonly string[]): TestResult {
	const files = testFiles(runtime).filter((file) => args.length === 0 || args.some((arg) => file.includes(arg)));
	if (files.length === 0) return { runtime, tests: [], problems: [] };
	return inReportFolder(runtime, (folder) => {
		const report = join(folder, "report.xml");
		const [program = runtime, ...options] = command(report);
		console.log(`\n── ${runtime}`);
		const { status, stdout, stderr, error } = spawnSync(
			join(ROOT, "node_modules", ".bin", program),
			// With the dot in front, a path is a path and no pattern.
			[...options, ...files.map((file) => `./${file}`)],
			{ cwd: ROOT, encoding: "utf8", maxBuffer: 256 * 1024 * 1024, timeout: 300_000, killSignal: "SIGKILL" },
		);
		const tests = existsSync(report) ? readJunit(readFileSync(report, "utf8")) : [];
		const failed = tests.filter((test) => test.status === "failed").length;
		const endedWell = status === 0 && error === undefined;
		// What passed is in the report.
		if (!endedWell || failed > 0) console.log(`${stdout}${stderr}`);
		console.log(`${tests.length} tests on ${runtime}, ${failed} of them failed`);
		if (endedWell || failed > 0) return { runtime, tests, problems: [] };
		const ending = error === undefined ? `status ${status}` : error.message;
		return { runtime, tests, problems: [`the tests ended badly (${ending}): see the output above`] };
	});
}

/** The runtime's tests: of its adapter, and the suite. */
function testFiles(runtime: string): string[] {
	const folder = `packages/transport-${runtime}/test`;
	const own = readdirSync(join(ROOT, folder)).filter((name) => name.endsWith(".test.ts"));
	return [...own.map((name) => `${folder}/${name}`), `conformance/run/${runtime}_test.ts`];
}
