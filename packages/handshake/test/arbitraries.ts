import type { FieldLine } from "@barewire/http1";
import fc from "fast-check";
import type { ExtensionParameters } from "../src/extension-list.ts";

const TOKEN_CHARACTERS = "!#$%&'*+-.^_`|~0129abcxyzABCXYZ";

/** A token, RFC 9110 §5.6.2, now and then one that `Object.prototype` has a member for. */
export const token: fc.Arbitrary<string> = fc.oneof(
	{ weight: 5, arbitrary: fc.string({ unit: fc.constantFrom(...TOKEN_CHARACTERS), minLength: 1, maxLength: 12 }) },
	{ weight: 1, arbitrary: fc.constantFrom("constructor", "__proto__", "toString", "permessage-deflate") },
);

/** A well-formed extension with its parameters. */
export const extensionParameters: fc.Arbitrary<ExtensionParameters> = fc.record({
	name: token,
	params: fc.array(fc.tuple(token, fc.option(token, { nil: null })), { maxLength: 4 }),
});

const byte = fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code));

const fieldName = fc.oneof(
	fc.constantFrom(
		"host",
		"upgrade",
		"connection",
		"origin",
		"content-length",
		"transfer-encoding",
		"sec-websocket-key",
		"sec-websocket-version",
		"sec-websocket-protocol",
		"sec-websocket-extensions",
		"sec-websocket-accept",
	),
	token,
);

const fieldText = fc.oneof(
	fc.constantFrom(
		"",
		"0",
		"5",
		"13",
		"8",
		"chunked",
		"example.com",
		"websocket",
		"WebSocket, h2c",
		"Upgrade",
		"keep-alive, upgrade",
		"dGhlIHNhbXBsZSBub25jZQ==",
		"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
		"chat",
		"chat, chat",
		'x; y=",permessage-deflate;"',
		'a; b="',
		"null",
	),
	fc.string({ unit: byte, maxLength: 30 }),
	fc.string({ unit: fc.constantFrom(...'ab,;="\\ \t'), maxLength: 30 }),
);

/** A field line whose name and value are likely to matter to a handshake, or hostile, or both. */
export const fieldLine: fc.Arbitrary<FieldLine> = fc.tuple(fieldName, fieldText);

/** The field lines with a few of them dropped, doubled, replaced, or others put between them. */
export function mutated(fields: readonly FieldLine[]): fc.Arbitrary<FieldLine[]> {
	const edit = fc.record({
		at: fc.nat({ max: fields.length - 1 }),
		how: fc.constantFrom("drop", "double", "replace", "insert"),
		line: fieldLine,
		value: fieldText,
	});
	return fc.array(edit, { maxLength: 2 }).map((edits) => {
		let result: FieldLine[] = [...fields];
		for (const { at, how, line, value } of edits) {
			result = result.flatMap((current, index) => {
				if (index !== at) return [current];
				if (how === "drop") return [];
				if (how === "double") return [current, current];
				if (how === "replace") return [[current[0], value]];
				return [line, current];
			});
		}
		return result;
	});
}
