import { expect, it } from "vitest";
import { parseVersion } from "../src/version.ts";

// RFC 9112 §2.3, RFC 9110 §2.5
it.each([
	["HTTP/1.0", { version: "1.0" }],
	["HTTP/1.1", { version: "1.1" }],
	["HTTP/1.2", { version: "1.1" }],
	["HTTP/2.0", "unsupported-version"],
	["HTTP/0.9", "unsupported-version"],
	["http/1.1", "malformed-version"],
	["HTTP/1.1\n", "malformed-version"],
	["HTTP/\u0661.1", "malformed-version"],
	["HTTP/1.", "malformed-version"],
])("%j", (text, version) => {
	expect(parseVersion(text)).toEqual(version);
});
