import { describe, expect, it } from "vitest";
import { kinds, requestEvents } from "./drive.ts";

const HEAD = "GET / HTTP/1.1\r\nHost: a\r\nA: b\r\n\r\n";

describe("limits on field lines", () => {
	it("maxHeadSize counts every byte of the head", () => {
		expect(kinds(requestEvents(HEAD, { maxHeadSize: HEAD.length }))).toEqual(["request", "bodyEnd"]);
		expect(kinds(requestEvents(HEAD, { maxHeadSize: HEAD.length - 1 }))).toEqual(["head-too-large"]);
	});

	it("maxFieldCount counts Host too", () => {
		expect(kinds(requestEvents(HEAD, { maxFieldCount: 2 }))).toEqual(["request", "bodyEnd"]);
		expect(kinds(requestEvents(HEAD, { maxFieldCount: 1 }))).toEqual(["too-many-fields"]);
	});

	it("maxLineSize counts the CRLF", () => {
		const lines = "GET / HTTP/1.1\r\nHost: 0123456789\r\n\r\n";
		expect(kinds(requestEvents(lines, { maxLineSize: 18 }))).toEqual(["request", "bodyEnd"]);
		expect(kinds(requestEvents(lines, { maxLineSize: 17 }))).toEqual(["field-line-too-long"]);
	});

	it("each request of a connection has the whole of them", () => {
		const limits = { maxHeadSize: HEAD.length, maxFieldCount: 2 };
		expect(kinds(requestEvents(HEAD.repeat(3), limits)).filter((kind) => kind === "request")).toHaveLength(3);
	});
});
