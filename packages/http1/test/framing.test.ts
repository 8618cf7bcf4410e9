import { describe, expect, it } from "vitest";
import { fieldFraming, persists } from "../src/framing.ts";

describe("fieldFraming", () => {
	it("RFC 9112 §6.3: is null without the two fields", () => {
		expect(fieldFraming("1.1", [["x-content-length", "1"]])).toBeNull();
	});

	it.each([
		["0", 0],
		["007", 7],
		["9007199254740991", Number.MAX_SAFE_INTEGER],
	])("RFC 9110 §8.6: Content-Length %s", (value, length) => {
		expect(fieldFraming("1.1", [["content-length", value]])).toEqual({ kind: "length", length });
	});

	it("RFC 9112 §6.1: chunked, whatever its case", () => {
		expect(fieldFraming("1.1", [["transfer-encoding", "CHUNKED"]])).toEqual({ kind: "chunked" });
	});

	it("a coding named like a part of a prototype is just unknown", () => {
		expect(fieldFraming("1.1", [["transfer-encoding", "constructor, chunked"]])).toBe("unknown-transfer-coding");
	});
});

describe("persists", () => {
	it("RFC 9112 §9.3: close counts as a member, not as a part of one", () => {
		expect(persists("1.1", [["connection", '"close"']])).toBe(true);
		expect(persists("1.1", [["connection", "x,close ,y"]])).toBe(false);
	});
});
