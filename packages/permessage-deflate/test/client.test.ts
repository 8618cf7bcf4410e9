import {
	type ClientHandshake,
	computeAccept,
	evaluateResponse,
	formatExtensionList,
	offerExtensions,
	parseExtensionList,
} from "@barewire/handshake";
import { describe, expect, test } from "vitest";
import { clientDeflate } from "../src/client.ts";
import { DeflateContexts } from "../src/contexts.ts";
import type { DeflateOptions } from "../src/settings.ts";
import { ZLIB } from "./codecs.ts";

function client(options: DeflateOptions = {}) {
	return clientDeflate(new DeflateContexts(ZLIB, options));
}

describe("RFC 7692 §7.1: what a client offers", () => {
	test.each([
		// What it uses by default is its own affair: a server that asks for more than it is told may refuse.
		["permessage-deflate; client_max_window_bits", {}],
		["permessage-deflate; client_max_window_bits=12", { windowBits: 12 }],
		["permessage-deflate; client_max_window_bits=15", { windowBits: 15 }],
		["permessage-deflate; server_max_window_bits=10; client_max_window_bits", { peerWindowBits: 10 }],
		["permessage-deflate; client_max_window_bits", { peerWindowBits: 15 }],
		["permessage-deflate; server_no_context_takeover; client_max_window_bits", { peerContextTakeover: false }],
		["permessage-deflate; client_no_context_takeover; client_max_window_bits", { contextTakeover: false }],
	])("%s", (offer, options) => {
		expect(formatExtensionList(offerExtensions([client(options)]))).toBe(offer);
	});
});

describe("RFC 7692 §7: what a client takes, and what fails the connection, each by its kind", () => {
	const confirm = (response: string, options: DeflateOptions = {}): string => {
		const [{ params } = { params: [] }] = parseExtensionList(`x${response}`)!;
		const confirmation = client(options).confirm(params);
		return confirmation.ok ? "ok" : `${confirmation.failure.kind}, ${confirmation.failure.section}`;
	};

	test.each([
		["", {}],
		["; server_no_context_takeover; client_no_context_takeover", {}],
		// §7.1.2.1: a server may limit its own window unasked.
		["; server_max_window_bits=9", {}],
		["; client_max_window_bits=12", {}],
		["; client_max_window_bits=8", {}],
		["; client_max_window_bits=15", {}],
		["; client_max_window_bits=15", { windowBits: 15 }],
		["; server_no_context_takeover", { peerContextTakeover: false }],
		["; server_max_window_bits=10", { peerWindowBits: 10 }],
		["; server_max_window_bits=9", { peerWindowBits: 10 }],
	])("takes %j", (response, options) => {
		expect(confirm(response, options)).toBe("ok");
	});

	test.each([
		["unknown-parameter", "7", "; x", {}],
		["repeated-parameter", "7", "; client_max_window_bits=9; client_max_window_bits=9", {}],
		["unexpected-value", "7.1.1", "; client_no_context_takeover=1", {}],
		["missing-value", "7.1.2", "; client_max_window_bits", {}],
		["missing-value", "7.1.2", "; server_max_window_bits", {}],
		["invalid-window-bits", "7.1.2", "; server_max_window_bits=16", {}],
		["context-takeover-kept", "7.1.1.1", "", { peerContextTakeover: false }],
		["server-window-too-large", "7.1.2.1", "", { peerWindowBits: 10 }],
		["server-window-too-large", "7.1.2.1", "; server_max_window_bits=11", { peerWindowBits: 10 }],
		["client-window-too-large", "7.1.2.2", "; client_max_window_bits=13", { windowBits: 12 }],
	])("%s (RFC 7692 §%s): %j", (kind, section, response, options) => {
		expect(confirm(response, options)).toBe(`${kind}, RFC 7692 §${section}`);
	});

	test("the handshake's failure tells it", () => {
		const supported = [client({ peerWindowBits: 10 })];
		const key = "dGhlIHNhbXBsZSBub25jZQ==";
		const handshake: ClientHandshake = { key, protocols: [], offeredExtensions: offerExtensions(supported) };
		const fields = [
			["upgrade", "websocket"],
			["connection", "upgrade"],
			["sec-websocket-accept", computeAccept(key)],
			["sec-websocket-extensions", "permessage-deflate; server_max_window_bits=11"],
		] as const;
		const evaluation = evaluateResponse(handshake, { version: "1.1", status: 101, reason: "", fields }, supported);
		expect(evaluation).toMatchObject({
			ok: false,
			failure: {
				kind: "unacceptable-extension",
				extensionFailure: { kind: "server-window-too-large" },
				message: expect.stringContaining(
					"server window too large: server_max_window_bits=10 was offered (RFC 7692 §7.1.2.1)",
				),
			},
		});
	});
});
