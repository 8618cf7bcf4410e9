import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Case } from "../arbitraries/cases.ts";

const CORPUS = join(import.meta.dirname, "corpus");

/** A case that failed once, shrunk, and how it was found. */
export interface SavedFailure {
	readonly property: string;
	readonly seed: number;
	/** fast-check's path from the seed to the case. */
	readonly path: string;
	/** What failed, in one line. */
	readonly error: string;
	readonly case: Case;
}

/** All cases that were saved, in the order of their names. */
export function savedFailures(): { file: string; failure: SavedFailure }[] {
	const files = readdirSync(CORPUS).filter((file) => file.endsWith(".json"));
	return files.sort().map((file) => ({ file, failure: read(file) }));
}

/** Saves a case; the same case twice is one file. Returns its path. */
export function saveFailure(failure: SavedFailure): string {
	const text = JSON.stringify(failure.case);
	const digest = createHash("sha256").update(text).digest("hex").slice(0, 12);
	const path = join(CORPUS, `${failure.case.role}-${digest}.json`);
	mkdirSync(CORPUS, { recursive: true });
	writeFileSync(path, `${JSON.stringify(failure, null, 2)}\n`);
	return path;
}

function read(file: string): SavedFailure {
	try {
		return JSON.parse(readFileSync(join(CORPUS, file), "utf8")) as SavedFailure;
	} catch (error) {
		throw new Error(`conformance/fuzz/corpus/${file} can't be read`, { cause: error });
	}
}
