import { concat, fromHex, toHex, utf8 } from "../../arbitraries/bytes.ts";
import type { Case } from "../case.ts";
import { BitWriter, RawDeflater } from "../raw-deflate.ts";
import { broken, deflateCases, sound, type WireCase } from "../wire-case.ts";
import { frame } from "../wire-frames.ts";

const deflated = (message: Uint8Array): Uint8Array => new RawDeflater(15, false).message(message);

const HELLO = deflated(utf8("Hello"));

/** The beginning of a block with the fixed codes that says A. */
const begun = (): BitWriter => new BitWriter().fixedBlock().symbol(0x41);

/** What no compressor makes (RFC 1951), up to and with the byte that shows it. */
const CORRUPT: Readonly<Record<string, Uint8Array>> = {
	// §3.2.3: "11 - reserved (error)"
	"the reserved type of a block": fromHex("07"),
	"the reserved type of a second block": fromHex("00 00 00 ff ff 06"),
	// §3.2.4: "NLEN is the one's complement of LEN"
	"a NLEN that is not LEN's complement": fromHex("00 05 00 fa fe"),
	// §3.2.6: "Literal/length values 286-287 will never actually occur"
	"length symbol 286": begun().symbol(286).bits(0, 7).end(),
	"length symbol 287": begun().symbol(287).bits(0, 7).end(),
	// §3.2.6: "distance codes 30-31 will never actually occur"
	"distance code 30": begun().symbol(257).code(30, 5).bits(0, 4).end(),
	"distance code 31": begun().symbol(257).code(31, 5).bits(0, 4).end(),
	// §3.2.7: HLIT and HDIST have more values than there are symbols.
	"287 literal and length codes": new BitWriter().bits(0b100, 3).bits(30, 5).bits(0, 5).bits(0, 4).end(),
	"31 distance codes": new BitWriter().bits(0b100, 3).bits(0, 5).bits(30, 5).bits(0, 4).end(),
	"codes that are too many for their lengths": new BitWriter().bits(0b100, 3).bits(0, 14).bits(0o1111, 12).end(),
	// §3.2.3: "a distance cannot refer past the beginning of the output stream"
	"a reference before the first byte": begun().reference(3, 2).end(),
	"a reference as the first thing": new BitWriter().fixedBlock().reference(3, 1).end(),
	"a reference 32,768 bytes back": begun().reference(258, 32_768).end(),
	"random bytes": fromHex("b7 e1 51 62 8a ed 2a 6a"),
	text: utf8("not compressed"),
	"a gzip header": fromHex("1f 8b 08 00 00 00 00 00"),
	// RFC 1950: the zlib format, which some take for DEFLATE.
	"a zlib header": concat([fromHex("78 9c"), HELLO]),
};

// RFC 7692 §7.2.2; the code is that of RFC 6455 §7.4.1, 1007.
function* corruptCases(): Generator<[string, WireCase]> {
	for (const [name, payload] of Object.entries(CORRUPT)) {
		const [opening, rest] = [payload.subarray(0, 1), payload.subarray(1)];
		yield [name, broken([frame(0xc2, payload)], "extension-data", 1007)];
		yield [`${name}, in a text`, broken([frame(0xc1, payload)], "extension-data", 1007)];
		yield [`${name}, in two fragments`, broken([frame(0x42, opening), frame(0x80, rest)], "extension-data", 1007)];
		yield [`${name}, in a message that goes on`, broken([frame(0x42, payload)], "extension-data", 1007)];
	}
}

const others: Readonly<Record<string, WireCase>> = {
	"what is behind it is not looked at": broken(["c2 01 07", "89 00", frame(0xc2, HELLO)], "extension-data", 1007),
	"what is before it counts": broken(
		[frame(0xc1, HELLO), "89 01 70", "c2 01 07"],
		"extension-data",
		1007,
		["Hello"],
		["8a0170"],
	),
	"it fails at the first byte, in a frame that goes on": {
		...broken(["c2 7d 07"], "extension-data", 1007),
		failsAtLastByte: true,
	},
	// Five bytes are in the window, and the sixth is not.
	"a reference one byte before the first message": broken(
		[frame(0xc1, HELLO), frame(0xc1, new BitWriter().fixedBlock().reference(3, 6).symbol(256).end())],
		"extension-data",
		1007,
		["Hello"],
	),
	"a reference to the first byte of the first message": sound(
		[frame(0xc1, HELLO), frame(0xc1, new BitWriter().fixedBlock().reference(3, 5).symbol(256).end())],
		["Hello", "Hel"],
	),
	// RFC 7692 §7.1.1: it was agreed that no message refers to another.
	"a reference to an earlier message, without context takeover": {
		...broken([frame(0xc1, HELLO), "c1 05 f2 00 11 00 00"], "extension-data", 1007, ["Hello"]),
		terms: { noContextTakeover: true },
	},
	"a reference to the end of the agreed window": {
		...sound([frame(0xc2, farReference(512))], [`hex:${"61".repeat(1 + 3 * 258 + 5)}`]),
		terms: { windowBits: 9 },
	},
};

/** So many bytes back, in a message of 780. */
function farReference(distance: number): Uint8Array {
	const writer = new BitWriter().fixedBlock().symbol(0x61);
	for (let i = 0; i < 3; i++) writer.reference(258, 1);
	return writer.reference(5, distance).symbol(256).end();
}

/** Messages of one block: no part of one is a message in itself. */
const WHOLE: Readonly<Record<string, Uint8Array>> = {
	"a compressed message": HELLO,
	"a message with references": deflated(utf8("é€\u{1f600} é€\u{1f600} é€\u{1f600}")),
	// RFC 1951 §3.2.7: zlib's, of "aabacadaaeafagbababcbdbebf".
	"a message with dynamic codes": fromHex("04c1010100000883b0ac70bdfd1bb8818481a59c88715cfb00"),
	"a message with BFINAL": fromHex("f3 48 cd c9 c9 07 00 00"),
};

// RFC 7692 §7.2.2: with the tail behind it, the payload has to be whole blocks.
function* cutShort(): Generator<[string, WireCase]> {
	for (const [name, payload] of Object.entries(WHOLE)) {
		for (let length = 1; length < payload.length; length++) {
			const cut = payload.subarray(0, length);
			yield [`${name}, ${length} of its bytes`, broken([frame(0xc2, cut)], "extension-data-incomplete", 1007)];
		}
		const half = payload.length >> 1;
		const fragments = [frame(0x41, payload.subarray(0, half)), "80 00"];
		yield [`${name}, half of it and an empty fragment`, broken(fragments, "extension-data-incomplete", 1007)];
	}
	// RFC 1951 §3.2.4. Its first byte alone would be an empty message.
	const whole = fromHex("00 05 00 fa ff 48 65 6c 6c 6f 00");
	for (let length = 2; length < whole.length; length++) {
		const cut = broken([frame(0xc2, whole.subarray(0, length))], "extension-data-incomplete", 1007);
		yield [`a block with no compression, ${length} of its bytes`, cut];
	}
	// The tail that is appended is no length: here it would be just the complement of what is there.
	for (const cut of ["c2 02 00 ff", "c2 03 00 ff ff"])
		yield [`a length that the tail completes, ${cut}`, broken([cut], "extension-data-incomplete", 1007)];
	const stored = fromHex("00 09 00 f6 ff 48 65 6c 6c 6f");
	// Nor is it data.
	yield [
		"a block with no compression, less four bytes",
		broken([frame(0xc2, stored)], "extension-data-incomplete", 1007),
	];
	// §7.2.1: the tail is taken away. Where it is not, there is one too many.
	yield [
		"a message that ends with its tail",
		broken([frame(0xc2, concat([HELLO, fromHex("00 00 ff ff")]))], "extension-data-incomplete", 1007),
	];
	// §7.2.3.4: behind BFINAL a byte of 00 has to follow.
	yield ["BFINAL and nothing behind it", broken(["c2 07 f3 48 cd c9 c9 07 00"], "extension-data-incomplete", 1007)];
}

const ILL_FORMED = ["80", "c0", "ff", "c3", "6162c3a9ff", "eda080", "f4908080", "f09f98", `${"61".repeat(300)}ff`];

// RFC 6455 §8.1, of what comes out.
function* texts(): Generator<[string, WireCase]> {
	for (const hex of ILL_FORMED) {
		const payload = deflated(fromHex(hex));
		const half = payload.length >> 1;
		const name = hex.slice(-12);
		const fragments = [frame(0x41, payload.subarray(0, half)), frame(0x80, payload.subarray(half))];
		yield [name, broken([frame(0xc1, payload)], "invalid-utf8", 1007)];
		yield [`${name}, in two fragments`, broken(fragments, "invalid-utf8", 1007)];
		yield [`${name}, in a binary message`, sound([frame(0xc2, payload)], [`hex:${toHex(fromHex(hex))}`])];
	}
}

export const deflateBroken: readonly Case[] = [
	...deflateCases("compression, data that is none", { ...Object.fromEntries(corruptCases()), ...others }),
	...deflateCases("compression, messages cut short", Object.fromEntries(cutShort())),
	...deflateCases("compression, text that is not UTF-8", Object.fromEntries(texts())),
];
