import { relative } from "node:path";
import fc from "fast-check";
import type { Case, Property } from "../arbitraries/cases.ts";
import { checkCase } from "../check-case.ts";
import type { FuzzArguments } from "./arguments.ts";
import { type SavedFailure, savedFailures, saveFailure } from "./corpus.ts";

type Print = (line: string) => void;

/** Cases in a row of one property, before the next one has its turn. */
const BATCH = 250;

const REPORT_EVERY_MS = 10_000;

/** Tries what was saved; returns how much of it still fails. */
export function replay(print: Print): number {
	const saved = savedFailures();
	let failing = 0;
	for (const { file, failure } of saved) {
		const error = thrownBy(() => checkCase(failure.case));
		if (error === null) continue;
		failing++;
		print(`still fails: conformance/fuzz/corpus/${file}: ${firstLine(error)}`);
	}
	print(`corpus: ${saved.length} cases, ${failing} fail`);
	return failing;
}

/** What a search does with its cases. */
interface Means {
	readonly check: (given: Case) => void;
	/** Returns the path of the file. */
	readonly save: (failure: SavedFailure) => string;
}

/** Searches until time or runs are used up, or every property has failed; returns how many have. */
export function search(
	properties: readonly Property[],
	{ seconds, runs, seed }: FuzzArguments,
	print: Print,
	{ check, save }: Means = { check: checkCase, save: saveFailure },
): number {
	print(`seed ${seed}`);
	const start = performance.now();
	const end = start + seconds * 1000;
	const sound = new Set(properties);
	let [tried, batch, reported] = [0, 0, start];
	while (sound.size > 0 && tried < runs && performance.now() < end) {
		for (const property of sound) {
			if (tried >= runs || performance.now() >= end) break;
			// Each batch has a seed of its own, so that any of them can be run again alone.
			const details = fc.check(fc.property(property.cases, check), {
				seed: (seed + batch++) % 2 ** 31,
				numRuns: Math.min(BATCH, runs - tried),
			});
			tried += details.numRuns;
			const [found] = details.counterexample ?? [];
			if (found !== undefined) {
				sound.delete(property);
				const { seed, counterexamplePath: path } = details;
				const error = firstLine(details.errorInstance);
				print(`FAILED: ${property.name} (seed ${seed}, path ${path}): ${error}`);
				const file = save({ property: property.name, seed, path: path ?? "", error, case: found });
				print(`  saved in ${relative(process.cwd(), file)}: ${JSON.stringify(found)}`);
			}
			const now = performance.now();
			if (now - reported >= REPORT_EVERY_MS) {
				reported = now;
				print(`${tried} cases in ${Math.round((now - start) / 1000)} s`);
			}
		}
	}
	const failed = properties.length - sound.size;
	const elapsed = Math.round((performance.now() - start) / 1000);
	print(`${tried} cases in ${elapsed} s, ${failed} of ${properties.length} properties failed`);
	return failed;
}

function thrownBy(run: () => void): unknown {
	try {
		run();
		return null;
	} catch (error) {
		return error;
	}
}

function firstLine(error: unknown): string {
	return (error instanceof Error ? error.message : String(error)).split("\n", 1)[0] ?? "";
}
