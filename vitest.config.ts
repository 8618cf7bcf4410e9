import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { LongestFirst } from "./scripts/longest-first.ts";

const EXCLUDED = ["**/node_modules/**"];

/** They measure the memory of their process, or take much of it: there must be nothing of other tests in it. */
const MEASURING = ["packages/endpoint/test/v8.test.ts", "packages/framing/test/limits.test.ts"];

export default defineConfig({
	resolve: { conditions: ["source"] },
	ssr: { resolve: { conditions: ["source"], externalConditions: ["source"] } },
	test: {
		// A hang must fail rather than stop the run; no test waits for time to pass.
		testTimeout: 30_000,
		hookTimeout: 30_000,
		// Much of what they do is to wait for peers in other processes.
		maxWorkers: Math.max(2, availableParallelism()),
		sequence: { sequencer: LongestFirst },
		coverage: { include: ["packages/*/src/**"], reporter: ["text"] },
		projects: [
			{
				extends: true,
				test: {
					name: "conformance",
					include: ["conformance/**/*.test.ts", ...MEASURING],
					exclude: EXCLUDED,
				},
			},
			{
				extends: true,
				test: {
					name: "packages",
					include: [
						"{packages/*,scripts}/test/**/*.test.ts",
						"{attack,backplane,examples,bench,handover,soak}/**/*.test.ts",
					],
					// The adapters of Deno and Bun are tested by their own runtimes.
					exclude: [...EXCLUDED, "packages/transport-{deno,bun}/**", ...MEASURING],
					// They leave nothing behind in their process, so one process does for many files.
					isolate: false,
				},
			},
		],
	},
});
