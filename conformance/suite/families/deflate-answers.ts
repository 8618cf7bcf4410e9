import assert from "node:assert/strict";
import type { CompressionOptions } from "@barewire/endpoint";
import { fromHex } from "../../arbitraries/bytes.ts";
import { type AnswerCase, answerCases, invalid, opens } from "../answer-case.ts";
import { type Case, family } from "../case.ts";
import { head } from "../http-text.ts";
import { meet } from "../meeting.ts";
import type { Runtime } from "../runtime.ts";
import { extensionsIn } from "../traffic.ts";

const NAME = "permessage-deflate";

const answering = (extensions: string): string =>
	head(
		"HTTP/1.1 101 Switching Protocols",
		"Upgrade: websocket",
		"Connection: Upgrade",
		"Sec-WebSocket-Accept: ACCEPT",
		`Sec-WebSocket-Extensions: ${extensions}`,
	);

/** A rule of the extension's that the answer breaks. */
function fails(params: string, failure: string, section: string, compression: CompressionOptions = {}): AnswerCase {
	const message = `unacceptable extension (RFC 6455 §9.1): ${failure} (RFC 7692 §${section})`;
	return invalid(answering(`${NAME}; ${params}`), message, { compression });
}

/** A rule of the handshake that the answer breaks. */
function breaks(extensions: string, rule: string, compression: boolean = true): AnswerCase {
	return invalid(answering(extensions), rule, { compression });
}

const UNOFFERED = "unoffered extension (RFC 6455 §4.1 answer item 5)";
const MALFORMED = "malformed extension answer (RFC 6455 §9.1)";

const NO_BITS = ["0", "1", "7", "16", "08", "015", "100", "abc", "0x9", "1e1", "9.0", "-9"];

const WINDOWS = ["server_max_window_bits", "client_max_window_bits"];
const TAKEOVERS = ["server_no_context_takeover", "client_no_context_takeover"];

// RFC 7692 §7: "A client MUST _Fail the WebSocket Connection_ if the peer server accepted an extension negotiation offer for
// this extension with an extension negotiation response that meets any of the following conditions".
const invalidAnswers: Readonly<Record<string, AnswerCase>> = {
	...Object.fromEntries(
		["foo", "constructor", "__proto__", "toString"].map((name) => [
			`the parameter ${name}`,
			fails(name, `unknown parameter: ${name}`, "7"),
		]),
	),
	"the parameter __proto__=1": fails("__proto__=1", "unknown parameter: __proto__=1", "7"),
	...Object.fromEntries(
		TAKEOVERS.flatMap((name) => [
			[`${name} twice`, fails(`${name}; ${name}`, `repeated parameter: ${name}`, "7")],
			[`${name} with a value`, fails(`${name}=1`, `unexpected value: ${name}=1`, "7.1.1")],
		]),
	),
	...Object.fromEntries(
		WINDOWS.flatMap((name) => [
			[`${name} twice`, fails(`${name}=10; ${name}=10`, `repeated parameter: ${name}=10`, "7")],
			// §7.1.2.2: only the offer's may be without.
			[`${name} without a value`, fails(name, `missing value: ${name}`, "7.1.2")],
			...NO_BITS.map((value) => [
				`${name}=${value}`,
				fails(`${name}=${value}`, `invalid window bits: ${name}=${value}`, "7.1.2"),
			]),
		]),
	),
	// §7.1.1.1
	"server_no_context_takeover was offered, and is missing": fails(
		"server_max_window_bits=15",
		"context takeover kept: server_no_context_takeover was offered",
		"7.1.1.1",
		{ peerContextTakeover: false },
	),
	// §7.1.2.1
	"server_max_window_bits is larger than offered": fails(
		"server_max_window_bits=11",
		"server window too large: server_max_window_bits=10 was offered",
		"7.1.2.1",
		{ peerWindowBits: 10 },
	),
	"server_max_window_bits was offered, and is missing": fails(
		"server_no_context_takeover",
		"server window too large: server_max_window_bits=10 was offered",
		"7.1.2.1",
		{ peerWindowBits: 10 },
	),
	// §7.1.2.2
	"client_max_window_bits is larger than offered": fails(
		"client_max_window_bits=10",
		"client window too large: client_max_window_bits=9 was offered",
		"7.1.2.2",
		{ windowBits: 9 },
	),
	"the extension was not offered": breaks(NAME, UNOFFERED, false),
	"another extension": breaks("permessage-bzip2", UNOFFERED),
	"an extension named constructor": breaks("constructor", UNOFFERED),
	"an extension named __proto__": breaks("__proto__", UNOFFERED),
	"this extension, and another": breaks(`${NAME}, permessage-bzip2`, UNOFFERED),
	"the extension twice": breaks(`${NAME}, ${NAME}`, "duplicate extension (RFC 6455 §9.1)"),
	"an empty value": breaks(`${NAME}; server_max_window_bits=`, MALFORMED),
	"an empty value in quotes": breaks(`${NAME}; server_max_window_bits=""`, MALFORMED),
	"a parameter without a name": breaks(`${NAME}; =10`, MALFORMED),
};

function agrees(params: string, compression: CompressionOptions = {}): AnswerCase {
	return opens(answering(`${NAME}${params}`), "", { compression });
}

const validAnswers: Readonly<Record<string, AnswerCase>> = {
	"nothing further": agrees(""),
	"everything at once": agrees(
		"; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=10; client_max_window_bits=10",
	),
	...Object.fromEntries(
		Array.from({ length: 8 }, (_, i) => [
			`server_max_window_bits=${i + 8}`,
			agrees(`; server_max_window_bits=${i + 8}`),
		]),
	),
	...Object.fromEntries(
		Array.from({ length: 8 }, (_, i) => [
			`client_max_window_bits=${i + 8}`,
			agrees(`; client_max_window_bits=${i + 8}`),
		]),
	),
	"a value in quotes": agrees('; server_max_window_bits="10"'),
	"the values that were offered": agrees("; server_no_context_takeover; server_max_window_bits=10", {
		peerWindowBits: 10,
		peerContextTakeover: false,
	}),
	"a smaller window than was offered": agrees("; server_max_window_bits=9", { peerWindowBits: 10 }),
	// §7.1.1.2: the client's own hint needs no answer.
	"no client_no_context_takeover where it was offered": agrees("", { contextTakeover: false }),
};

/** What our client offers with these options. */
const OFFERS: readonly (readonly [options: boolean | CompressionOptions, offer: string])[] = [
	[true, `${NAME}; client_max_window_bits`],
	[{}, `${NAME}; client_max_window_bits`],
	[{ windowBits: 15 }, `${NAME}; client_max_window_bits=15`],
	[{ windowBits: 8 }, `${NAME}; client_max_window_bits=8`],
	[{ peerWindowBits: 9 }, `${NAME}; server_max_window_bits=9; client_max_window_bits`],
	[{ peerWindowBits: 15 }, `${NAME}; client_max_window_bits`],
	[{ contextTakeover: false }, `${NAME}; client_no_context_takeover; client_max_window_bits`],
	[{ peerContextTakeover: false }, `${NAME}; server_no_context_takeover; client_max_window_bits`],
	[false, ""],
];

async function offers(runtime: Runtime, compression: boolean | CompressionOptions, offer: string): Promise<void> {
	const meeting = await meet(runtime, "client", { compression });
	assert.equal(extensionsIn(meeting.peer.text), offer);
	// The server has taken nothing of it.
	assert.deepEqual(meeting.socket.extensions, []);
	meeting.socket.send("x".repeat(2000));
	assert.match((await meeting.untilFrames(1)).join(), /^81/);
	// RFC 6455 §5.2: so RSV1 has no meaning.
	meeting.send(fromHex("c1 07 f2 48 cd c9 c9 07 00"));
	const { error } = await meeting.end();
	assert.deepEqual([error?.kind, error?.closeCode], ["reserved-bits", 1002]);
	await meeting.leave();
}

const offered = family(
	"compression, what a client offers",
	"client",
	Object.fromEntries(
		OFFERS.map(([options, offer]) => [
			`${JSON.stringify(options)} offers ${JSON.stringify(offer.replace(NAME, "…"))}`,
			(runtime: Runtime) => offers(runtime, options, offer),
		]),
	),
);

export const deflateAnswers: readonly Case[] = [
	...answerCases("compression, a server's answer that fails the connection", invalidAnswers),
	...answerCases("compression, a server's answer", validAnswers),
	...offered,
];
