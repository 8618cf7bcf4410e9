import type { FieldLine } from "@barewire/http1";
import { expect, test } from "vitest";
import { checkApplicationFields } from "../src/application-fields.ts";

test("RFC 9110 §5.1: names come out in lower case, values as they are, order and repetition kept", () => {
	const fields: FieldLine[] = [
		["Set-Cookie", "a=B"],
		["X-Name", "caf\u00e9\tau lait"],
		["set-cookie", "c=D"],
		["constructor", ""],
	];
	expect(checkApplicationFields(fields)).toEqual([
		["set-cookie", "a=B"],
		["x-name", "caf\u00e9\tau lait"],
		["set-cookie", "c=D"],
		["constructor", ""],
	]);
});

test.each([
	["CR LF in a value", "x", "a\r\nset-cookie: b=c", "ERR_INVALID_FIELD_VALUE"],
	["a lone CR in a value", "x", "a\rb", "ERR_INVALID_FIELD_VALUE"],
	["a lone LF in a value", "x", "a\nb", "ERR_INVALID_FIELD_VALUE"],
	["NUL in a value", "x", "a\0b", "ERR_INVALID_FIELD_VALUE"],
	// U+010D would become the byte 0D if its upper bits were cut off.
	["a character above U+00FF in a value", "x", "a\u010d\u010ab", "ERR_INVALID_FIELD_VALUE"],
	["an empty name", "", "a", "ERR_INVALID_FIELD_NAME"],
	["CR LF in a name", "x\r\ny", "a", "ERR_INVALID_FIELD_NAME"],
	["a colon in a name", "x:", "a", "ERR_INVALID_FIELD_NAME"],
	["a space in a name", "x y", "a", "ERR_INVALID_FIELD_NAME"],
	["a non-ASCII name", "\u00e9", "a", "ERR_INVALID_FIELD_NAME"],
	["whitespace around a value", "x", " a", "ERR_INVALID_FIELD_VALUE"],
	["a reserved name", "connection", "close", "ERR_RESERVED_FIELD"],
	["a reserved name in another case", "Connection", "close", "ERR_RESERVED_FIELD"],
	["a name of the handshake", "Sec-WebSocket-Accept", "a", "ERR_RESERVED_FIELD"],
	["a name that a later version might give to the handshake", "sec-websocket-later", "a", "ERR_RESERVED_FIELD"],
])("a caller's misuse: %s", (_, name, value, code) => {
	expect(() => checkApplicationFields([[name, value]])).toThrow(expect.objectContaining({ name: "UsageError", code }));
});
