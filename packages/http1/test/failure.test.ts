import { describe, expect, it } from "vitest";
import { httpFailure } from "../src/failure.ts";
import { kinds, outcome } from "./drive.ts";
import { ACCEPTED, FAILURES } from "./vectors.ts";

const entries = Object.entries(FAILURES) as [keyof typeof FAILURES, (typeof FAILURES)[keyof typeof FAILURES]][];

describe("each rule", () => {
	for (const [kind, vectors] of entries) {
		for (const vector of vectors) {
			it(`${kind}: ${JSON.stringify(vector.text.slice(0, 120))}`, () => {
				const { events, rest } = outcome(vector);
				expect(kinds(events).at(-1)).toBe(kind);
				expect(rest).toBeNull();
			});
		}
	}
});

describe("streams that break no rule", () => {
	for (const vector of ACCEPTED) {
		it(JSON.stringify(vector.text.slice(0, 120)), () => {
			expect(kinds(outcome(vector).events).at(-1)).not.toBeOneOf(Object.keys(FAILURES));
		});
	}
});

describe("httpFailure", () => {
	it("names the status, the section and the rule", () => {
		expect(httpFailure("bare-lf")).toEqual({
			kind: "bare-lf",
			status: 400,
			section: "RFC 9112 §2.2",
			message: "bare lf (RFC 9112 §2.2)",
		});
		expect(httpFailure("too-many-fields").section).toBe("RFC 6585 §5");
	});

	it("has the statuses that the RFCs give", () => {
		const statuses = new Map<number, string[]>();
		for (const [kind] of entries) {
			const { status } = httpFailure(kind);
			if (status !== 400 && status !== 502) statuses.set(status, [...(statuses.get(status) ?? []), kind]);
		}
		expect(Object.fromEntries(statuses)).toEqual({
			413: ["content-length-too-large", "chunk-size-too-large"],
			414: ["request-line-too-long"],
			417: ["unsupported-expectation"],
			431: ["head-too-large", "too-many-fields", "field-line-too-long", "trailers-too-large"],
			501: ["unknown-transfer-coding"],
			505: ["unsupported-version"],
		});
	});
});
