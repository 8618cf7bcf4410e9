import { toHex, utf8 } from "../../arbitraries/bytes.ts";
import type { Case } from "../case.ts";
import { broken, sound, type WireCase, wireCases } from "../wire-case.ts";

const MESSAGE = utf8("fragmented: é € \u{1f600}");

/** A frame of fewer than 126 bytes. */
function frame(first: number, payload: Uint8Array): Uint8Array {
	return Uint8Array.of(first, payload.length, ...payload);
}

/** The message in two fragments, cut there, in the middle of a character or not. */
function twoFragments(opcode: number, at: number): WireCase {
	const sends = [frame(opcode, MESSAGE.subarray(0, at)), frame(0x80, MESSAGE.subarray(at))];
	return sound(sends, [opcode === 0x1 ? Buffer.from(MESSAGE).toString() : `hex:${toHex(MESSAGE)}`]);
}

function bytewise(opcode: number): WireCase {
	const fragments = Array.from(MESSAGE, (byte, i) =>
		Uint8Array.of((i === MESSAGE.length - 1 ? 0x80 : 0) | (i === 0 ? opcode : 0), 1, byte),
	);
	return sound(fragments, [opcode === 0x1 ? Buffer.from(MESSAGE).toString() : `hex:${toHex(MESSAGE)}`]);
}

// RFC 6455 §5.4.
export const fragmentation: readonly Case[] = wireCases("fragmentation", {
	...Object.fromEntries(
		Array.from({ length: MESSAGE.length + 1 }, (_, at) => [`text cut at byte ${at}`, twoFragments(0x1, at)]),
	),
	...Object.fromEntries(
		Array.from({ length: MESSAGE.length + 1 }, (_, at) => [`binary cut at byte ${at}`, twoFragments(0x2, at)]),
	),
	"text byte by byte": bytewise(0x1),
	"binary byte by byte": bytewise(0x2),
	"an empty message in two fragments": sound(["01 00", "80 00"], [""]),
	"an empty message in many fragments": sound(["02 00", "00 00", "00 00", "80 00"], ["hex:"]),
	"empty fragments around one that is not": sound(["01 00", "00 02 68 69", "00 00", "80 00"], ["hi"]),
	"two fragmented messages": sound(["01 01 61", "80 01 62", "02 01 63", "80 01 64"], ["ab", "hex:6364"]),
	"a whole message behind a fragmented one": sound(["01 01 61", "80 01 62", "81 01 63"], ["ab", "c"]),
	"pings between all fragments": sound(["01 01 61", "89 00", "00 01 62", "8a 00", "80 01 63"], ["abc"], ["8a00"]),
	// "a fragmented message consists of a single frame with the FIN bit clear and an opcode other than 0 […]"
	"a continuation of nothing": broken(["80 00"], "continuation-unexpected", 1002),
	"a continuation of nothing, without FIN": broken(["00 00"], "continuation-unexpected", 1002),
	"a continuation with a payload, of nothing": broken(["80 02 68 69"], "continuation-unexpected", 1002),
	"a continuation behind a whole message": broken(["81 01 61", "80 01 62"], "continuation-unexpected", 1002, ["a"]),
	"a continuation behind a fragmented message": broken(
		["01 01 61", "80 01 62", "80 01 63"],
		"continuation-unexpected",
		1002,
		["ab"],
	),
	// "The fragments of one message MUST NOT be interleaved between the fragments of another message"
	"text within a text": broken(["01 01 61", "81 01 62"], "continuation-expected", 1002),
	"binary within a text": broken(["01 01 61", "82 01 62"], "continuation-expected", 1002),
	"text within a binary message": broken(["02 01 61", "81 01 62"], "continuation-expected", 1002),
	"the beginning of a second message within the first": broken(["01 01 61", "01 01 62"], "continuation-expected", 1002),
	"an empty message within another": broken(["01 01 61", "81 00"], "continuation-expected", 1002),
	"a message within another, a ping before it": broken(
		["01 01 61", "89 00", "81 01 62"],
		"continuation-expected",
		1002,
		[],
		["8a00"],
	),
});
