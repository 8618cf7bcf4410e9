"use strict";

// Jest, which loads modules by a loader of its own, runs jest-case.test.cjs.

const { runCLI } = require("jest");

const options = {
	runInBand: true,
	silent: false,
	verbose: true,
	testMatch: ["**/jest-case.test.cjs"],
	watchman: false,
};
runCLI({ _: [], $0: "jest", ...options }, [__dirname]).then(({ results }) => {
	for (const { testResults } of results.testResults)
		for (const { title, status } of testResults) if (status === "passed") console.log(`ok: ${title}`);
	if (!results.success || results.numPassedTests === 0) process.exitCode = 1;
});
