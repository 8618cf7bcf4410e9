import assert from "node:assert/strict";
import type { Case } from "./arbitraries/cases.ts";
import { transcribe, transcribeWhole } from "./transcript.ts";

/** Throws when the case's way of cutting and pulling changes anything that can be seen. */
export function checkCase(given: Case): void {
	assert.deepEqual(transcribe(given), transcribeWhole(given));
}
