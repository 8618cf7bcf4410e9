import { expect, it } from "vitest";
import { parseStatusLine } from "../src/status-line.ts";

// RFC 9112 §4
it.each([
	["HTTP/1.1 200 OK", { version: "1.1", status: 200, reason: "OK" }],
	["HTTP/1.0 599 ", { version: "1.0", status: 599, reason: "" }],
	["HTTP/1.7 100  a b ", { version: "1.1", status: 100, reason: " a b " }],
	["HTTP/1.1 200", { version: "1.1", status: 200, reason: "" }],
	["HTTP/1.1200 OK", "malformed-status-line"],
	["HTTP/1.1 200OK", "malformed-status-line"],
	["HTTP/2 200 OK", "malformed-version"],
	["HTTP/2.0 200 OK", "unsupported-version"],
	["", "malformed-version"],
])("%s", (line, parsed) => {
	expect(parseStatusLine(line)).toEqual(parsed);
});
