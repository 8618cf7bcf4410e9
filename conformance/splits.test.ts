import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { PROPERTIES } from "./arbitraries/cases.ts";
import { checkCase } from "./check-case.ts";
import { savedFailures } from "./fuzz/corpus.ts";
import { IS_LONG_FORM } from "./long-form.ts";

/** What the properties have to add up to, in the long form. */
const LEAST_RUNS = 10_000;

/** Of how many runs one is left without it. Each run has other random streams, so every day tries others. */
const ONE_OF = IS_LONG_FORM ? 1 : 5;

describe("no event and no byte of output depends on how the input was cut, or on when it was pulled", () => {
	let total = 0;

	for (const { name, cases, runs } of PROPERTIES) {
		// A failure names the seed and the path that lead to it again, and the case, shrunk.
		test(name, { timeout: 120_000 }, () => {
			const details = fc.check(fc.property(cases, checkCase), { numRuns: runs / ONE_OF });
			total += details.numRuns;
			if (details.failed) throw new Error(fc.defaultReportMessage(details), { cause: details.errorInstance });
		});
	}

	afterAll(() => {
		console.log(`splits: ${total} runs in ${PROPERTIES.length} properties`);
	});

	test(`at least ${LEAST_RUNS} runs`, () => {
		expect(PROPERTIES.reduce((sum, { runs }) => sum + runs, 0)).toBeGreaterThanOrEqual(LEAST_RUNS);
	});
});

describe("what failed once", () => {
	const saved = savedFailures();

	for (const { file, failure } of saved) test(file, () => checkCase(failure.case));

	test("the corpus can be read", () => {
		expect(saved).toBeInstanceOf(Array);
	});
});
