import { fromHex, toHex } from "../../arbitraries/bytes.ts";
import type { Case } from "../case.ts";
import { broken, sound, type WireCase, wireCases } from "../wire-case.ts";

/** Well-formed: the first and the last of each row of Unicode's table 3-7, and what is easily got wrong. */
const VALID: Readonly<Record<string, string>> = {
	"U+0000": "00",
	"U+007F": "7f",
	"U+0080": "c280",
	"U+07FF": "dfbf",
	"U+0800": "e0a080",
	"U+0FFF": "e0bfbf",
	"U+1000": "e18080",
	"U+CFFF": "ecbfbf",
	"U+D000": "ed8080",
	"U+D7FF, before the surrogates": "ed9fbf",
	"U+E000, behind the surrogates": "ee8080",
	"U+FEFF, a byte order mark": "efbbbf",
	"U+FFFD, the replacement character": "efbfbd",
	"U+FFFE, no character": "efbfbe",
	"U+FFFF, no character": "efbfbf",
	"U+10000": "f0908080",
	"U+3FFFF": "f0bfbfbf",
	"U+40000": "f1808080",
	"U+FFFFF": "f3bfbfbf",
	"U+100000": "f4808080",
	"U+10FFFF, the last": "f48fbfbf",
};

/** Ill-formed, up to the first byte that can't be. */
const INVALID: Readonly<Record<string, string>> = {
	"80, a continuation by itself": "80",
	"BF, a continuation by itself": "bf",
	"C0, which only overlong forms begin with": "c0",
	"C1, which only overlong forms begin with": "c1",
	"C2 and no continuation": "c27f",
	"C2 and a second start": "c2c2",
	"DF and no continuation": "dfc0",
	"E0 80, overlong": "e080",
	"E0 9F, overlong": "e09f",
	"E0 A0 and no continuation": "e0a041",
	"E1 and no continuation": "e141",
	"E1 80 and no continuation": "e180c0",
	"ED A0, a high surrogate": "eda0",
	"ED AF, a high surrogate": "edaf",
	"ED B0, a low surrogate": "edb0",
	"ED BF, a low surrogate": "edbf",
	"EF BF and no continuation": "efbf7f",
	"F0 80, overlong": "f080",
	"F0 8F, overlong": "f08f",
	"F0 90 and no continuation": "f09041",
	"F0 90 80 and no continuation": "f09080c0",
	"F1 and no continuation": "f17f",
	"F4 90, beyond U+10FFFF": "f490",
	"F4 BF, beyond U+10FFFF": "f4bf",
	"F5, beyond U+10FFFF": "f5",
	"F8, five bytes": "f8",
	"FC, six bytes": "fc",
	"FE, never": "fe",
	"FF, never": "ff",
};

/** Well-formed so far, and the message ends there. */
const UNFINISHED: Readonly<Record<string, string>> = {
	C2: "c2",
	DF: "df",
	E0: "e0",
	"E0 A0": "e0a0",
	"E1 80": "e180",
	ED: "ed",
	"EF BF": "efbf",
	F0: "f0",
	"F0 90": "f090",
	"F0 90 80": "f09080",
	"F4 8F BF": "f48fbf",
};

const decode = (hex: string): string => Buffer.from(hex, "hex").toString("utf8");

/** A frame of text, announced longer than it is by so many bytes. */
function frame(first: number, hex: string, missing: number = 0): Uint8Array {
	const payload = fromHex(hex);
	return Uint8Array.of(first, payload.length + missing, ...payload);
}

/** The text in fragments of one byte. */
function bytewise(hex: string): Uint8Array[] {
	const bytes = fromHex(hex);
	return Array.from(bytes, (byte, i) =>
		Uint8Array.of((i === bytes.length - 1 ? 0x80 : 0) | (i === 0 ? 0x1 : 0), 1, byte),
	);
}

/**
 * Fails at the last byte that is sent, in a frame that goes on (RFC 6455 §8.1). `whole`: the same where nothing goes on, as it
 * has to be sent where it is compressed: what comes out is judged when all of it is there.
 */
function failsAtOnce(sends: readonly Uint8Array[], whole: readonly Uint8Array[]): WireCase {
	const compressed = broken(whole, "invalid-utf8", 1007);
	return { ...broken(sends, "invalid-utf8", 1007), failsAtLastByte: true, compressed };
}

function* validCases(): Generator<[string, WireCase]> {
	for (const [name, hex] of Object.entries(VALID)) {
		// A byte order mark is a character of the message (RFC 6455 §5.6): it isn't taken away.
		const text = decode(hex);
		yield [name, sound([frame(0x81, hex)], [text])];
		yield [`${name}, with text around it`, sound([frame(0x81, `6162${hex}6364`)], [`ab${text}cd`])];
		yield [`${name}, in fragments of one byte`, sound(bytewise(hex), [text])];
		yield [`${name}, behind 200 bytes`, sound([longFrame(`${"61".repeat(200)}${hex}`)], [`${"a".repeat(200)}${text}`])];
	}
}

function* invalidCases(): Generator<[string, WireCase]> {
	for (const [name, hex] of Object.entries(INVALID)) {
		yield [name, broken([frame(0x81, hex)], "invalid-utf8", 1007)];
		yield [`${name}, in a frame that goes on`, failsAtOnce([frame(0x81, hex, 20)], [frame(0x81, hex)])];
		const behind = `6162c3a9${hex}`;
		yield [
			`${name}, behind text in a frame that goes on`,
			failsAtOnce([frame(0x81, behind, 20)], [frame(0x81, behind)]),
		];
		yield [`${name}, in a message that goes on`, failsAtOnce(unfinished(bytewise(hex)), bytewise(hex))];
		yield [`${name}, behind 200 bytes`, broken([longFrame(`${"61".repeat(200)}${hex}`)], "invalid-utf8", 1007)];
		// Bytes are bytes.
		yield [`${name}, in a binary message`, sound([frame(0x82, hex)], [`hex:${toHex(fromHex(hex))}`])];
	}
}

function* unfinishedCases(): Generator<[string, WireCase]> {
	for (const [name, hex] of Object.entries(UNFINISHED)) {
		yield [`${name} and the end of the message`, broken([frame(0x81, hex)], "invalid-utf8", 1007)];
		yield [`${name} and the end of the last fragment`, broken(["01 01 61", frame(0x80, hex)], "invalid-utf8", 1007)];
		yield [`${name} and an empty last fragment`, broken([frame(0x01, hex), "80 00"], "invalid-utf8", 1007)];
	}
}

/** A frame of 126 to 65,535 bytes. */
function longFrame(hex: string): Uint8Array {
	const payload = fromHex(hex);
	return Uint8Array.of(0x81, 126, payload.length >> 8, payload.length & 0xff, ...payload);
}

/** The same without FIN on the last. */
function unfinished(fragments: readonly Uint8Array[]): Uint8Array[] {
	return fragments.map((fragment) => Uint8Array.of(fragment[0] & 0x7f, ...fragment.subarray(1)));
}

// RFC 3629 §3, RFC 6455 §8.1: "When an endpoint is to interpret a byte stream as UTF-8 but finds that the byte stream is
// not, in fact, a valid UTF-8 stream, that endpoint MUST _Fail the WebSocket Connection_."
export const utf8: readonly Case[] = [
	...wireCases("UTF-8, valid", Object.fromEntries(validCases())),
	...wireCases("UTF-8, invalid", Object.fromEntries(invalidCases())),
	...wireCases("UTF-8, unfinished", Object.fromEntries(unfinishedCases())),
];
