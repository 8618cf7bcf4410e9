import fc from "fast-check";
import type { FieldLine, HttpVersion, RequestHead, ResponseHead } from "../src/index.ts";
import { ACCEPTED, FAILURES, type Vector } from "./vectors.ts";

const TOKEN_CHARACTERS = [..."!#$%&'*+-.^_`|~0123456789ABCXYZabcxyz"];
const TARGET_CHARACTERS = [..."!$%&'()*+,-./0123456789:;=?@AZ[\\]^_`az{|}~"];
/** Visible bytes, SP, HTAB and obs-text: each with one character. */
const TEXT_CHARACTERS = ["\t", " ", ...'!,;:="\\09AZaz~', "\x80", "\x9f", "\xa0", "\xe9", "\xff"];

function textOf(characters: readonly string[], minLength: number, maxLength: number): fc.Arbitrary<string> {
	return fc.string({ unit: fc.constantFrom(...characters), minLength, maxLength });
}

/** A token. RFC 9110 §5.6.2. */
const token: fc.Arbitrary<string> = textOf(TOKEN_CHARACTERS, 1, 12);

/** A field value as a reader gives it: no whitespace at its ends. */
const fieldValue: fc.Arbitrary<string> = textOf(TEXT_CHARACTERS, 0, 40).map((value) =>
	value.replace(/^[\t ]+|[\t ]+$/g, ""),
);

const NAMES_WITH_MEANING = ["host", "connection", "expect", "content-length", "transfer-encoding"];

/** A field name without meaning to this package, as a reader gives it, now and then one that a prototype has. */
const fieldName: fc.Arbitrary<string> = fc.oneof(
	token.map((name) => name.toLowerCase()).filter((name) => !NAMES_WITH_MEANING.includes(name)),
	fc.constantFrom("constructor", "__proto__", "tostring", "hasownproperty", "upgrade", "cookie"),
);

export const fieldLine: fc.Arbitrary<FieldLine> = fc.tuple(fieldName, fieldValue);

const version: fc.Arbitrary<HttpVersion> = fc.constantFrom("1.0", "1.1");

/** A head that `RequestReader` gives back as it was encoded. It says nothing about a body. */
export const requestHead: fc.Arbitrary<RequestHead> = fc.record({
	method: token.filter((method) => method !== "CONNECT"),
	target: textOf(TARGET_CHARACTERS, 0, 30).map((rest) => `/${rest}`),
	version,
	fields: fc.array(fieldLine, { maxLength: 8 }).map((lines): FieldLine[] => [["host", "example.com:8080"], ...lines]),
});

/** A head that `ResponseReader` gives back as it was encoded. It says nothing about a body. */
export const responseHead: fc.Arbitrary<ResponseHead> = fc.record({
	version,
	status: fc.integer({ min: 200, max: 599 }),
	reason: textOf(TEXT_CHARACTERS, 0, 20),
	fields: fc.array(fieldLine, { maxLength: 8 }),
});

const PIECES = [
	"GET / HTTP/1.1\r\n",
	"POST /path HTTP/1.1\r\nHost: a\r\n",
	"HTTP/1.1 200 OK\r\n",
	"HTTP/1.1 100 Continue\r\n\r\n",
	"HTTP/1.1 101 Switching Protocols\r\n\r\n",
	"Host: a\r\n",
	"Content-Length: 3\r\n",
	"Transfer-Encoding: chunked\r\n",
	"Connection: close\r\n",
	"Expect: 100-continue\r\n",
	"\r\n",
	"\n",
	"\r",
	" ",
	":",
	"abc",
	"3\r\nabc\r\n",
	"3;a=b\r\nabc",
	"0\r\n",
	"0\r\n\r\n",
	"A: b\r\n",
	"\0",
	"\xe9",
	"x".repeat(70),
];

/** Small limits as well as the defaults, so that streams of a few lines reach them. */
const limits = fc.option(
	fc.record(
		{
			maxHeadSize: fc.integer({ min: 1, max: 100 }),
			maxFieldCount: fc.integer({ min: 1, max: 4 }),
			maxLineSize: fc.integer({ min: 1, max: 60 }),
			maxChunkLineSize: fc.integer({ min: 1, max: 10 }),
			maxTrailerSize: fc.integer({ min: 1, max: 20 }),
		},
		{ requiredKeys: [] },
	),
	{ nil: undefined },
);

/** Streams of pieces of HTTP in any order. */
const assembled: fc.Arbitrary<Vector> = fc
	.record({
		from: fc.constantFrom("client" as const, "server" as const),
		text: fc.array(fc.constantFrom(...PIECES), { maxLength: 14 }).map((pieces) => pieces.join("")),
		methods: fc.array(fc.constantFrom("GET", "HEAD", "CONNECT"), { maxLength: 3 }),
		ends: fc.boolean(),
		limits,
	})
	.map(({ limits: chosen, ...vector }) => (chosen === undefined ? vector : { ...vector, limits: chosen }));

const written: fc.Arbitrary<Vector> = fc.constantFrom(...ACCEPTED, ...Object.values(FAILURES).flat());

/** A written vector, perhaps with more of HTTP behind it. */
const continued: fc.Arbitrary<Vector> = fc
	.tuple(written, fc.array(fc.constantFrom(...PIECES), { maxLength: 4 }))
	.map(([vector, pieces]) => ({ ...vector, text: vector.text + pieces.join("") }));

/** A stream with one stretch of it replaced by other bytes. */
const mutated: fc.Arbitrary<Vector> = fc
	.tuple(
		fc.oneof(written, assembled),
		fc.nat(),
		fc.nat(3),
		fc.oneof(
			fc.constantFrom(...PIECES),
			fc.uint8Array({ maxLength: 3 }).map((bytes) => String.fromCharCode(...bytes)),
		),
	)
	.map(([vector, at, removed, inserted]) => {
		const start = vector.text.length === 0 ? 0 : at % vector.text.length;
		return { ...vector, text: vector.text.slice(0, start) + inserted + vector.text.slice(start + removed) };
	});

/** Any bytes at all. */
const random: fc.Arbitrary<Vector> = fc.record({
	from: fc.constantFrom("client" as const, "server" as const),
	text: fc.uint8Array({ maxLength: 40 }).map((bytes) => String.fromCharCode(...bytes)),
	ends: fc.boolean(),
});

/** A stream that a peer might send: well-formed, assembled, mutated or random. */
export const stream: fc.Arbitrary<Vector> = fc.oneof(continued, assembled, mutated, random);

/** Where to cut a stream; each is taken modulo its length + 1. */
export const cuts: fc.Arbitrary<number[]> = fc.array(fc.nat(400), { maxLength: 12 });

/** How often to pull events behind each piece of a stream. */
export const pulls: fc.Arbitrary<number[]> = fc.array(fc.constantFrom(0, 1, 2, Infinity), {
	minLength: 1,
	maxLength: 5,
});
