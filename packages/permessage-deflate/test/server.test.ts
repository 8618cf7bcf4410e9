import { formatExtensionList, negotiateExtensions, parseExtensionList } from "@barewire/handshake";
import { describe, expect, test } from "vitest";
import { DeflateContexts } from "../src/contexts.ts";
import { serverDeflate } from "../src/server.ts";
import type { DeflateOptions } from "../src/settings.ts";
import { ZLIB } from "./codecs.ts";

/** The field that answers a field of offers; "": none. */
function answer(offers: string, options: DeflateOptions = {}): string {
	const extension = serverDeflate(new DeflateContexts(ZLIB, options));
	const { answer } = negotiateExtensions(parseExtensionList(offers)!, [extension]);
	return formatExtensionList(answer).replace("permessage-deflate", "PMD");
}

const PMD = "permessage-deflate";

describe("RFC 7692 §7.1: what a server answers", () => {
	test.each([
		// A smaller window than the client allows is used without a word.
		[PMD, "PMD", {}],
		[`${PMD}; client_max_window_bits`, "PMD; client_max_window_bits=12", {}],
		[`${PMD}; client_max_window_bits=15`, "PMD; client_max_window_bits=12", {}],
		// §7.1.2.2: the client won't use more than it says, so there is nothing to be said.
		[`${PMD}; client_max_window_bits=11`, "PMD", {}],
		[`${PMD}; client_max_window_bits=12`, "PMD", {}],
		[`${PMD}; client_max_window_bits`, "PMD", { peerWindowBits: 15 }],
		[`${PMD}; client_max_window_bits`, "PMD; client_max_window_bits=8", { peerWindowBits: 8 }],
		[`${PMD}; server_max_window_bits=10`, "PMD; server_max_window_bits=10", {}],
		[`${PMD}; server_max_window_bits=15`, "PMD; server_max_window_bits=12", {}],
		[`${PMD}; server_max_window_bits=8`, "PMD; server_max_window_bits=8", {}],
		[`${PMD}; server_max_window_bits=15`, "PMD; server_max_window_bits=15", { windowBits: 15 }],
		[`${PMD}; server_no_context_takeover`, "PMD; server_no_context_takeover", {}],
		[`${PMD}; client_no_context_takeover`, "PMD; client_no_context_takeover", {}],
		// §7.1.1.1, §7.1.1.2: a server may say both unasked.
		[PMD, "PMD; server_no_context_takeover", { contextTakeover: false }],
		[PMD, "PMD; client_no_context_takeover", { peerContextTakeover: false }],
		[PMD, "PMD; client_no_context_takeover", { maxContexts: 0 }],
		[
			`${PMD}; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=9; client_max_window_bits`,
			"PMD; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=9; client_max_window_bits=12",
			{},
		],
	])("%s: %s", (offers, answered, options) => {
		expect(answer(offers, options)).toBe(answered);
	});

	test.each([
		["an unknown parameter", "x"],
		["a doubled one", "client_max_window_bits; client_max_window_bits"],
		["a value where none belongs", "server_no_context_takeover=1"],
		["no value where one belongs", "server_max_window_bits"],
		["a value out of range", "server_max_window_bits=16"],
	])("an offer with %s is declined, and the next one taken", (_what, params) => {
		expect(answer(`${PMD}; ${params}`)).toBe("");
		expect(answer(`${PMD}; ${params}, ${PMD}; server_max_window_bits=9`)).toBe("PMD; server_max_window_bits=9");
	});

	test("the client's order decides, and one offer is taken", () => {
		expect(answer(`${PMD}; server_max_window_bits=9, ${PMD}`)).toBe("PMD; server_max_window_bits=9");
	});
});

test("maxContexts: the peers above it are told to compress each message by itself, until others are gone", () => {
	const extension = serverDeflate(new DeflateContexts(ZLIB, { maxContexts: 2 }));
	const join = () => extension.answer([])!;
	const told = (joined: ReturnType<typeof join>): boolean =>
		joined.params.some(([name]) => name === "client_no_context_takeover");
	const [first, second, third] = [join(), join(), join()];
	expect([first, second, third].map(told)).toEqual([false, false, true]);
	third.extension.release();
	expect(told(join())).toBe(true);
	first.extension.release();
	expect([join(), join()].map(told)).toEqual([false, true]);
});
