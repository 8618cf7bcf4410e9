import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
	CHUNK_END,
	encodeChunkHeader,
	encodeLastChunk,
	encodeRequestHead,
	encodeResponseHead,
	type FieldLine,
	type RequestHead,
	type ResponseHead,
} from "../src/index.ts";
import { fieldLine } from "./arbitraries.ts";
import { requestEvents, text } from "./drive.ts";

const REQUEST: RequestHead = { method: "GET", target: "/chat", version: "1.1", fields: [["Host", "a"]] };
const RESPONSE: ResponseHead = { version: "1.1", status: 101, reason: "Switching Protocols", fields: [["A", "\xe9"]] };

function usageError(code: string) {
	return expect.objectContaining({ name: "UsageError", code });
}

describe("heads", () => {
	it("RFC 9112 §3 and §4", () => {
		expect(text(encodeRequestHead(REQUEST))).toBe("GET /chat HTTP/1.1\r\nHost: a\r\n\r\n");
		expect(text(encodeResponseHead(RESPONSE))).toBe("HTTP/1.1 101 Switching Protocols\r\nA: \xe9\r\n\r\n");
		expect(text(encodeResponseHead({ version: "1.0", status: 200, reason: "", fields: [] }))).toBe(
			"HTTP/1.0 200 \r\n\r\n",
		);
	});

	it.each<[string, Partial<RequestHead>]>([
		["ERR_INVALID_METHOD", { method: "" }],
		["ERR_INVALID_METHOD", { method: "GET /\r\n" }],
		["ERR_INVALID_TARGET", { target: "" }],
		["ERR_INVALID_TARGET", { target: "/ HTTP/1.1\r\nX: y" }],
		["ERR_INVALID_TARGET", { target: "/\u00e9" }],
		["ERR_INVALID_VERSION", { version: "1.1\r\nX: y" as "1.1" }],
		["ERR_INVALID_FIELD_NAME", { fields: [["", "a"]] }],
		["ERR_INVALID_FIELD_NAME", { fields: [["A: b\r\nC", "a"]] }],
		["ERR_INVALID_FIELD_NAME", { fields: [["A ", "a"]] }],
	])("%s %j", (code, wrong) => {
		expect(() => encodeRequestHead({ ...REQUEST, ...wrong })).toThrow(usageError(code));
	});

	it.each<[string, Partial<ResponseHead>]>([
		["ERR_INVALID_STATUS", { status: 99 }],
		["ERR_INVALID_STATUS", { status: 600 }],
		["ERR_INVALID_STATUS", { status: 200.5 }],
		["ERR_INVALID_REASON", { reason: "OK\r\nX: y" }],
		["ERR_INVALID_REASON", { reason: "\u0100" }],
	])("%s %j", (code, wrong) => {
		expect(() => encodeResponseHead({ ...RESPONSE, ...wrong })).toThrow(usageError(code));
	});

	it("CVE-2026-1527: no CR, LF, NUL or character above U+00FF gets into a value", () => {
		for (const value of [
			"\r",
			"\n",
			"\0",
			"a\r\nSet-Cookie: b",
			"\u0100",
			"\u560a",
			"\ud83d\ude00",
			" a",
			"a\t",
			"\x7f",
		]) {
			expect(() => encodeResponseHead({ ...RESPONSE, fields: [["A", value]] })).toThrow(
				usageError("ERR_INVALID_FIELD_VALUE"),
			);
			expect(() => encodeRequestHead({ ...REQUEST, fields: [["A", value]] })).toThrow(
				usageError("ERR_INVALID_FIELD_VALUE"),
			);
		}
	});

	it("whatever the caller gives, what is written has as many lines as fields", () => {
		const any = fc.string({ unit: "binary" });
		fc.assert(
			fc.property(any, any, fc.array(fc.tuple(any, any)), (method, target, fields: FieldLine[]) => {
				let written: Uint8Array;
				try {
					written = encodeRequestHead({ method, target, version: "1.1", fields });
				} catch (error) {
					expect(error).toMatchObject({ name: "UsageError" });
					return;
				}
				expect(text(written).split(/\r|\n/)).toHaveLength(2 * (fields.length + 2) + 1);
			}),
		);
	});
});

describe("chunks", () => {
	it("RFC 9112 §7.1", () => {
		expect(text(encodeChunkHeader(26))).toBe("1a\r\n");
		expect(text(CHUNK_END)).toBe("\r\n");
		expect(text(encodeLastChunk())).toBe("0\r\n\r\n");
		expect(text(encodeLastChunk([["Digest", "a"]]))).toBe("0\r\nDigest: a\r\n\r\n");
	});

	it.each([0, -1, 1.5, Number.NaN, 2 ** 53])("%s is no size of a chunk", (size) => {
		expect(() => encodeChunkHeader(size)).toThrow(usageError("ERR_INVALID_CHUNK_SIZE"));
	});

	it("RFC 9110 §6.5.1: no framing in trailers", () => {
		expect(() => encodeLastChunk([["Content-Length", "1"]])).toThrow(usageError("ERR_FORBIDDEN_TRAILER"));
		expect(() => encodeLastChunk([["A", "\r\n"]])).toThrow(usageError("ERR_INVALID_FIELD_VALUE"));
	});

	it("are read back as they were encoded", () => {
		fc.assert(
			fc.property(
				fc.array(fc.string({ unit: "binary-ascii", minLength: 1 })),
				fc.array(fieldLine),
				(chunks, trailers) => {
					const stream = [
						"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
						...chunks.flatMap((chunk) => [text(encodeChunkHeader(chunk.length)), chunk, text(CHUNK_END)]),
						text(encodeLastChunk(trailers)),
					].join("");
					const body = chunks.join("");
					expect(requestEvents(stream).slice(1)).toEqual([
						...(body === "" ? [] : [{ type: "body", text: body }]),
						{ type: "bodyEnd", trailers },
					]);
				},
			),
		);
	});
});
