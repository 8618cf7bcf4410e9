import assert from "node:assert/strict";
import type { CompressionOptions } from "@barewire/endpoint";
import { fromHex, toHex, utf8 } from "../../arbitraries/bytes.ts";
import { handshake, portOf, RawClient } from "../../raw-client.ts";
import { type Case, family } from "../case.ts";
import { meet } from "../meeting.ts";
import type { Runtime } from "../runtime.ts";
import { COMPRESS_ALL } from "../traffic.ts";
import { CLOSE_1000 } from "../wire-case.ts";
import { frame } from "../wire-frames.ts";

const NAME = "permessage-deflate";

const HELLO = fromHex("c1 07 f2 48 cd c9 c9 07 00");

type Compression = boolean | CompressionOptions;

/** The server's answer to the offer is this one, and both ends speak by it. */
async function accepts(runtime: Runtime, offer: string, answer: string, options: CompressionOptions): Promise<void> {
	const compression = { ...COMPRESS_ALL, ...options };
	const meeting = await meet(
		runtime,
		"server",
		{ traffic: "agreed", extension: offer, compression },
		(socket, message) => void socket.send(message),
	);
	assert.equal(meeting.extensions, answer);
	assert.deepEqual(meeting.socket.extensions, [NAME]);
	meeting.send(HELLO, frame(0x81, utf8("Hello")));
	assert.deepEqual(await meeting.untilFrames(2), Array(2).fill(toHex(frame(0x81, utf8("Hello")))));
	for (const raw of meeting.rawFrames()) assert.match(raw, /^c1/);
	meeting.send(fromHex(CLOSE_1000));
	assert.equal((await meeting.end()).wasClean, true);
	await meeting.leave();
}

/** The server does without the extension: messages pass as they are, and RSV1 is a violation (RFC 6455 §5.2). */
async function declines(
	runtime: Runtime,
	offer: string | null,
	compression: Compression = COMPRESS_ALL,
): Promise<void> {
	const said = offer === null ? {} : { traffic: "agreed" as const, extension: offer };
	const meeting = await meet(
		runtime,
		"server",
		{ ...said, compression },
		(socket, message) => void socket.send(message),
	);
	assert.equal(meeting.extensions, "");
	assert.deepEqual(meeting.socket.extensions, []);
	meeting.send(frame(0x81, utf8("Hello")));
	assert.deepEqual(await meeting.untilFrames(1), [toHex(frame(0x81, utf8("Hello")))]);
	meeting.send(HELLO);
	const { error } = await meeting.end();
	assert.deepEqual([error?.kind, error?.closeCode], ["reserved-bits", 1002]);
	await meeting.leave();
}

/** RFC 6455 §9.1: this is no list of extensions. */
async function refuses(runtime: Runtime, offer: string): Promise<void> {
	const server = await runtime.serve({ port: 0, compression: true });
	const client = await RawClient.open(portOf(server));
	client.write(handshake(portOf(server), `Sec-WebSocket-Extensions: ${offer}`));
	await client.ended;
	assert.match(client.text, /^HTTP\/1\.1 400 [\s\S]*\r\n\r\nmalformed extensions/);
	await client.close();
	await server.close();
}

/** Values that are no "decimal integer value without leading zeroes between 8 to 15" (RFC 7692 §7.1.2.1). */
const NO_BITS = [
	"0",
	"1",
	"7",
	"16",
	"08",
	"015",
	"100",
	"abc",
	"0x9",
	"1e1",
	"9.0",
	"-9",
	"+9",
	'"7"',
	'"16"',
	'"09"',
];

const WINDOWS = ["server_max_window_bits", "client_max_window_bits"];
const TAKEOVERS = ["server_no_context_takeover", "client_no_context_takeover"];

// RFC 7692 §7: "A server MUST decline an extension negotiation offer for this extension if any of the following conditions are
// met".
const DECLINED = [
	// "The negotiation offer contains an extension parameter not defined for use in an offer."
	"foo",
	"foo=1",
	"constructor",
	"__proto__",
	"__proto__=1",
	"toString=9",
	"hasOwnProperty",
	"max_window_bits=10",
	// "The negotiation offer contains an extension parameter with an invalid value."
	...TAKEOVERS.flatMap((name) => [`${name}=1`, `${name}=true`, `${name}="1"`]),
	"server_max_window_bits",
	...WINDOWS.flatMap((name) => NO_BITS.map((value) => `${name}=${value}`)),
	// "The negotiation offer contains multiple extension parameters with the same name."
	...TAKEOVERS.map((name) => `${name}; ${name}`),
	...WINDOWS.map((name) => `${name}=10; ${name}=10`),
	"server_max_window_bits=10; server_max_window_bits=11",
	"client_max_window_bits; client_max_window_bits=10",
	"client_max_window_bits; server_no_context_takeover; client_max_window_bits",
	// One that is good changes nothing.
	"client_max_window_bits; server_max_window_bits=10; foo",
].map((params) => `${NAME}; ${params}`);

/** Other extensions, and names that JavaScript's objects have. */
const OTHERS = ["permessage-bzip2", "x-webkit-deflate-frame", "constructor", "__proto__", `foo; ${NAME}`];

const MALFORMED = [
	`${NAME}; server_max_window_bits=`,
	`${NAME}; server_max_window_bits=""`,
	`${NAME}; =10`,
	`${NAME};`,
	`${NAME}; client_max_window_bits=10 11`,
	`${NAME}; server_max_window_bits="10`,
];

/** What a client offers, and what a server with these options answers. */
const ACCEPTED: readonly (readonly [offer: string, answer: string, options?: CompressionOptions])[] = [
	[NAME, NAME],
	// §7.1.1.1: by including it the server accepts; and it may include it unasked.
	[`${NAME}; server_no_context_takeover`, `${NAME}; server_no_context_takeover`],
	[NAME, `${NAME}; server_no_context_takeover`, { contextTakeover: false }],
	// §7.1.1.2: the same for the client's.
	[`${NAME}; client_no_context_takeover`, `${NAME}; client_no_context_takeover`],
	[NAME, `${NAME}; client_no_context_takeover`, { peerContextTakeover: false }],
	// Nobody's context is held beyond that number, so nobody is promised it.
	[NAME, `${NAME}; client_no_context_takeover`, { maxContexts: 0 }],
	// §7.1.2.1: "the same or smaller value as the offer". The server's own is 12.
	...[8, 9, 10, 11, 12].map(
		(bits) => [`${NAME}; server_max_window_bits=${bits}`, `${NAME}; server_max_window_bits=${bits}`] as const,
	),
	...[13, 14, 15].map(
		(bits) => [`${NAME}; server_max_window_bits=${bits}`, `${NAME}; server_max_window_bits=12`] as const,
	),
	[`${NAME}; server_max_window_bits=15`, `${NAME}; server_max_window_bits=15`, { windowBits: 15 }],
	[`${NAME}; server_max_window_bits=15`, `${NAME}; server_max_window_bits=9`, { windowBits: 9 }],
	// §7.1.2.2: without it in the offer it must not be in the answer.
	[NAME, NAME, { peerWindowBits: 9 }],
	[`${NAME}; client_max_window_bits`, `${NAME}; client_max_window_bits=12`],
	[`${NAME}; client_max_window_bits`, `${NAME}; client_max_window_bits=9`, { peerWindowBits: 9 }],
	[`${NAME}; client_max_window_bits`, NAME, { peerWindowBits: 15 }],
	[`${NAME}; client_max_window_bits=15`, `${NAME}; client_max_window_bits=12`],
	[`${NAME}; client_max_window_bits=10`, NAME],
	[
		`${NAME}; client_max_window_bits; server_no_context_takeover; server_max_window_bits=10; client_no_context_takeover`,
		`${NAME}; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=10; client_max_window_bits=12`,
	],
	// RFC 6455 §9.1: "the value after quoted-string unescaping MUST conform to the 'token' ABNF".
	[`${NAME}; server_max_window_bits="10"`, `${NAME}; server_max_window_bits=10`],
	[`${NAME}; server_max_window_bits="1\\0"`, `${NAME}; server_max_window_bits=10`],
	[
		`\t${NAME}\t;server_max_window_bits\t=\t10 ;  client_no_context_takeover `,
		`${NAME}; client_no_context_takeover; server_max_window_bits=10`,
	],
	// RFC 7692 §5: offers stand in the order of preference.
	[`${NAME}; foo, ${NAME}; server_max_window_bits=10`, `${NAME}; server_max_window_bits=10`],
	[`${NAME}; server_max_window_bits=7, ${NAME}; server_max_window_bits, ${NAME}`, NAME],
	[`${NAME}; server_max_window_bits=10, ${NAME}`, `${NAME}; server_max_window_bits=10`],
	[`${NAME}; __proto__, constructor, ${NAME}`, NAME],
	[`permessage-bzip2, ${NAME}`, NAME],
	[`permessage-bzip2; foo\r\nSec-WebSocket-Extensions: ${NAME}`, NAME],
];

const named = (offer: string): string => JSON.stringify(offer.replaceAll(NAME, "…"));

type Run = (runtime: Runtime) => Promise<void>;

export const deflateOffers: readonly Case[] = family("compression, what a client offers", "server", {
	...Object.fromEntries(
		[...DECLINED, ...OTHERS].map((offer): [string, Run] => [
			`${named(offer)} is declined`,
			(runtime) => declines(runtime, offer),
		]),
	),
	...Object.fromEntries(
		MALFORMED.map((offer): [string, Run] => [`${named(offer)} is refused`, (runtime) => refuses(runtime, offer)]),
	),
	...Object.fromEntries(
		ACCEPTED.map(([offer, answer, options]): [string, Run] => [
			`${named(offer)} is answered with ${named(answer)}${options === undefined ? "" : ` by ${JSON.stringify(options)}`}`,
			(runtime) => accepts(runtime, offer, answer, options ?? {}),
		]),
	),
	"a server that does not compress declines": (runtime) => declines(runtime, `${NAME}; client_max_window_bits`, false),
	"nothing, and the server would have compressed": (runtime) => declines(runtime, null),
});
