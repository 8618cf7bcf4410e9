import { formatExtensionList, parseExtensionList } from "@barewire/handshake";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type DeflateParameters, readParameters, writeParameters } from "../src/parameters.ts";

/** Reads parameters as they stand behind the extension's name in a field. */
function read(params: string, from: "offer" | "response" = "offer"): DeflateParameters | string {
	const [extension] = parseExtensionList(`permessage-deflate${params}`) ?? [];
	if (extension === undefined) throw new Error("the field is malformed");
	const result = readParameters(extension.params, from);
	return result.ok ? result.parameters : `${result.failure.kind}, ${result.failure.section}`;
}

const NONE: DeflateParameters = {
	serverNoContextTakeover: false,
	clientNoContextTakeover: false,
	serverMaxWindowBits: null,
	clientMaxWindowBits: null,
};

describe("RFC 7692 §7.1: what an offer and a response may have", () => {
	test.each([
		["", NONE],
		["; server_no_context_takeover", { ...NONE, serverNoContextTakeover: true }],
		["; client_no_context_takeover", { ...NONE, clientNoContextTakeover: true }],
		["; server_max_window_bits=8", { ...NONE, serverMaxWindowBits: 8 }],
		["; server_max_window_bits=15", { ...NONE, serverMaxWindowBits: 15 }],
		["; client_max_window_bits=10", { ...NONE, clientMaxWindowBits: 10 }],
		// RFC 6455 §9.1: a quoted value means what it means without its quotes.
		['; client_max_window_bits="10"', { ...NONE, clientMaxWindowBits: 10 }],
		['; server_max_window_bits="1\\0"', { ...NONE, serverMaxWindowBits: 10 }],
		[
			"; client_max_window_bits=9; server_no_context_takeover; server_max_window_bits=12; client_no_context_takeover",
			{ serverNoContextTakeover: true, clientNoContextTakeover: true, serverMaxWindowBits: 12, clientMaxWindowBits: 9 },
		],
	])("%j", (params, parameters) => {
		expect(read(params, "offer")).toEqual(parameters);
		expect(read(params, "response")).toEqual(parameters);
	});

	test("§7.1.2.2: client_max_window_bits has no value in an offer, perhaps, and one in a response", () => {
		expect(read("; client_max_window_bits", "offer")).toEqual({ ...NONE, clientMaxWindowBits: true });
		expect(read("; client_max_window_bits", "response")).toBe("missing-value, RFC 7692 §7.1.2");
	});
});

describe("RFC 7692 §7: what makes an offer declined and a response fail, each by its kind", () => {
	test.each([
		["unknown-parameter", "7", "; x"],
		["unknown-parameter", "7", "; server_max_window_bit=10"],
		["unknown-parameter", "7", "; Server_No_Context_Takeover"],
		["unknown-parameter", "7", "; constructor"],
		["unknown-parameter", "7", "; __proto__=1"],
		["repeated-parameter", "7", "; server_no_context_takeover; server_no_context_takeover"],
		["repeated-parameter", "7", "; server_max_window_bits=10; server_max_window_bits=10"],
		["repeated-parameter", "7", "; client_max_window_bits=10; client_max_window_bits=11"],
		["unexpected-value", "7.1.1", "; server_no_context_takeover=true"],
		["unexpected-value", "7.1.1", '; client_no_context_takeover="1"'],
		["missing-value", "7.1.2", "; server_max_window_bits"],
		...["7", "16", "0", "08", "010", "1e1", "0xa", "-9", "+9", "9.0", "abc", "100", "8bits"].flatMap((value) => [
			["invalid-window-bits", "7.1.2", `; server_max_window_bits=${value}`],
			["invalid-window-bits", "7.1.2", `; client_max_window_bits=${value}`],
		]),
	])("%s (RFC 7692 §%s): %s", (kind, section, params) => {
		expect(read(params, "offer")).toBe(`${kind}, RFC 7692 §${section}`);
		expect(read(params, "response")).toBe(`${kind}, RFC 7692 §${section}`);
	});

	test("the message names the parameter", () => {
		expect(readParameters([["server_max_window_bits", "16"]], "offer")).toMatchObject({
			failure: { message: "invalid window bits: server_max_window_bits=16" },
		});
	});
});

test("what is written is read again", () => {
	const bits = fc.integer({ min: 8, max: 15 });
	const parameters = fc.record({
		serverNoContextTakeover: fc.boolean(),
		clientNoContextTakeover: fc.boolean(),
		serverMaxWindowBits: fc.option(bits),
		clientMaxWindowBits: fc.option(fc.oneof(bits, fc.constant(true as const))),
	});
	fc.assert(
		fc.property(parameters, (each) => {
			const [extension] = parseExtensionList(formatExtensionList([{ name: "x", params: writeParameters(each) }]))!;
			expect(readParameters(extension!.params, "offer")).toEqual({ ok: true, parameters: each });
		}),
	);
});

test("whatever a peer writes, reading does not throw", () => {
	const name = fc.oneof(fc.string(), fc.constantFrom("server_max_window_bits", "client_no_context_takeover"));
	fc.assert(
		fc.property(fc.array(fc.tuple(name, fc.option(fc.string()))), (params) => {
			expect(readParameters(params, "offer").ok).toBeTypeOf("boolean");
		}),
	);
});
