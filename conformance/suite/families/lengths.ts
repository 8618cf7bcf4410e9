import { concat, fromHex, toHex } from "../../arbitraries/bytes.ts";
import type { Case } from "../case.ts";
import { broken, sound, type WireCase, wireCases } from "../wire-case.ts";
import { frame } from "../wire-frames.ts";

function binary(length: number): WireCase {
	const payload = Uint8Array.from({ length }, (_, i) => (i * 31 + 7) & 0xff);
	return sound([frame(0x82, payload)], [`hex:${toHex(payload)}`]);
}

function text(length: number): WireCase {
	const payload = Uint8Array.from({ length }, (_, i) => 0x20 + (i % 95));
	return sound([frame(0x81, payload)], [Buffer.from(payload).toString("latin1")]);
}

/** Around each change in the form of the length, and of the ways that a payload is unmasked and decoded. */
const LENGTHS = [
	0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 124, 125, 126, 127, 128, 129, 199, 200, 201, 255, 256,
	257, 1023, 1024, 1025, 4095, 4096, 4097, 16_383, 16_384, 16_385, 65_534, 65_535, 65_536, 65_537, 131_072, 262_145,
];

const NONE = new Uint8Array(0);

/**
 * Refused at the header, before anything is kept. A compressed message may be as long as it likes, as only what comes out is
 * kept: there, the first byte is refused, which is the beginning of a block of the reserved type (RFC 1951 §3.2.3).
 */
function tooLong(header: string): WireCase {
	const compressed = broken([`${header.replace("82", "c2")} 07`], "extension-data", 1007);
	return { ...broken([header], "message-too-big", 1009), compressed };
}

// RFC 6455 §5.2, "Payload length".
export const lengths: readonly Case[] = wireCases("lengths", {
	...Object.fromEntries(LENGTHS.map((length) => [`${length} bytes, binary`, binary(length)])),
	...Object.fromEntries(LENGTHS.map((length) => [`${length} bytes, text`, text(length)])),
	// "the minimal number of bytes MUST be used to encode the length"
	"0 bytes in 16 bits": broken(["82 7e 00 00"], "length-not-minimal", 1002),
	"125 bytes in 16 bits": broken(["82 7e 00 7d"], "length-not-minimal", 1002),
	"0 bytes in 64 bits": broken(["82 7f 00 00 00 00 00 00 00 00"], "length-not-minimal", 1002),
	"125 bytes in 64 bits": broken(["82 7f 00 00 00 00 00 00 00 7d"], "length-not-minimal", 1002),
	"126 bytes in 64 bits": broken(["82 7f 00 00 00 00 00 00 00 7e"], "length-not-minimal", 1002),
	"65,535 bytes in 64 bits": broken(["82 7f 00 00 00 00 00 00 ff ff"], "length-not-minimal", 1002),
	// "the most significant bit MUST be 0"
	"2^63 bytes": broken(["82 7f 80 00 00 00 00 00 00 00"], "length-top-bit", 1002),
	"2^64 - 1 bytes": broken(["82 7f ff ff ff ff ff ff ff ff"], "length-top-bit", 1002),
	"2^31 bytes": tooLong("82 7f 00 00 00 00 80 00 00 00"),
	"2^32 - 1 bytes": tooLong("82 7f 00 00 00 00 ff ff ff ff"),
	"2^32 bytes": tooLong("82 7f 00 00 00 01 00 00 00 00"),
	"2^32 + 1 bytes": tooLong("82 7f 00 00 00 01 00 00 00 01"),
	"2^53 - 1 bytes": tooLong("82 7f 00 1f ff ff ff ff ff ff"),
	"2^53 bytes": broken(["82 7f 00 20 00 00 00 00 00 00"], "frame-too-big", 1009),
	"2^63 - 1 bytes": broken(["82 7f 7f ff ff ff ff ff ff ff"], "frame-too-big", 1009),
	"many messages in one chunk": sound(
		[...Array.from({ length: 1_000 }, (_, i) => concat([fromHex("8202"), Uint8Array.of(i >> 8, i & 0xff)])), NONE],
		Array.from({ length: 1_000 }, (_, i) => `hex:${toHex(Uint8Array.of(i >> 8, i & 0xff))}`),
	),
});
