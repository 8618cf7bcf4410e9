import { defineConfig } from "vitest/config";

export default defineConfig({
	resolve: { conditions: ["source"] },
	ssr: { resolve: { conditions: ["source"], externalConditions: ["source"] } },
	test: {
		include: ["{packages/*,scripts}/test/**/*.test.ts", "{attack,conformance,examples,bench,soak}/**/*.test.ts"],
		// Those adapters are tested by their own runtimes.
		exclude: ["**/node_modules/**", "packages/transport-{deno,bun}/**"],
		// A hang must fail rather than stop the run; no test waits for time to pass.
		testTimeout: 30_000,
		coverage: { include: ["packages/*/src/**"], reporter: ["text"] },
	},
});
