import { fromHex, toHex } from "../../arbitraries/bytes.ts";
import type { Case } from "../case.ts";
import { broken, CLOSE_1000, deflateCases, sound, type WireCase } from "../wire-case.ts";
import { frame } from "../wire-frames.ts";

const HELLO = "f2 48 cd c9 c9 07 00";

/** Refers to the five bytes that came last. */
const HELLO_AGAIN = "f2 00 11 00 00";

/** The payloads of messages that all say Hello, or nothing. */
interface Example {
	readonly payloads: readonly string[];
	readonly text?: string;
	readonly terms?: WireCase["terms"];
}

// RFC 7692 §7.2.3.
const EXAMPLES: Readonly<Record<string, Example>> = {
	"one compressed block (§7.2.3.1)": { payloads: [HELLO] },
	"the sliding window is shared (§7.2.3.2)": { payloads: [HELLO, HELLO_AGAIN] },
	"the sliding window is shared by many (§7.2.3.2)": {
		payloads: [HELLO, HELLO_AGAIN, HELLO_AGAIN, HELLO, HELLO_AGAIN],
	},
	"the sliding window is not shared (§7.2.3.2)": { payloads: [HELLO, HELLO], terms: { noContextTakeover: true } },
	"a block with no compression (§7.2.3.3)": { payloads: ["00 05 00 fa ff 48 65 6c 6c 6f 00"] },
	"a block with no compression, and a reference to it": { payloads: ["00 05 00 fa ff 48 65 6c 6c 6f 00", HELLO_AGAIN] },
	"a block with BFINAL set to 1 (§7.2.3.4)": { payloads: ["f3 48 cd c9 c9 07 00 00"] },
	"further messages behind BFINAL (§7.2.3.4)": { payloads: ["f3 48 cd c9 c9 07 00 00", HELLO, HELLO_AGAIN] },
	"messages with BFINAL alone (§7.2.3.4)": { payloads: Array(3).fill("f3 48 cd c9 c9 07 00 00") },
	"blocks behind BFINAL in one message": { payloads: ["f3 48 05 00 ca c9 c9 07 00"] },
	"two blocks in one message (§7.2.3.5)": { payloads: ["f2 48 05 00 00 00 ff ff ca c9 c9 07 00"] },
	// §7.2.3.6: "0x00" is "an empty DEFLATE block with no compression" less its tail.
	"an empty message (§7.2.3.6)": { payloads: ["00"], text: "" },
	"an empty block with the fixed codes": { payloads: ["02 00"], text: "" },
	"several empty blocks": { payloads: ["00 00 00 ff ff 00 00 00 ff ff 00"], text: "" },
	// docs/deviations.md: some compressors make nothing of nothing.
	"an empty payload": { payloads: [""], text: "" },
};

/** A payload in fragments of one byte; `between`: what comes behind each but the last. */
function bytewise(opcode: number, hex: string, between: readonly string[] = []): (string | Uint8Array)[] {
	const bytes = fromHex(hex);
	if (bytes.length < 2) return [frame(0xc0 | opcode, bytes)];
	return Array.from(bytes, (byte, i) => {
		const isLast = i === bytes.length - 1;
		const first = (isLast ? 0x80 : 0) | (i === 0 ? 0x40 | opcode : 0);
		return [frame(first, Uint8Array.of(byte)), ...(isLast ? [] : between)];
	}).flat();
}

function* exampleCases(): Generator<[string, WireCase]> {
	for (const [name, { payloads, text = "Hello", terms = {} }] of Object.entries(EXAMPLES)) {
		const texts = payloads.map(() => text);
		const binaries = payloads.map(() => `hex:${toHex(Buffer.from(text))}`);
		const fragments = payloads.flatMap((hex) => bytewise(0x1, hex));
		yield [
			name,
			{
				...sound(
					payloads.map((hex) => frame(0xc1, fromHex(hex))),
					texts,
				),
				terms,
			},
		];
		yield [
			`${name}, binary`,
			{
				...sound(
					payloads.map((hex) => frame(0xc2, fromHex(hex))),
					binaries,
				),
				terms,
			},
		];
		yield [`${name}, in fragments of one byte`, { ...sound(fragments, texts), terms }];
	}
}

// RFC 7692 §6.1: "An endpoint MUST NOT set the "Per-Message Compressed" bit of control frames and non-first fragments of a data
// message."
const frames: Readonly<Record<string, WireCase>> = {
	"the two fragments of §7.2.3.1": sound(["41 03 f2 48 cd", "80 04 c9 c9 07 00"], ["Hello"]),
	"an empty first fragment": sound(["41 00", "80 07 f2 48 cd c9 c9 07 00"], ["Hello"]),
	"an empty last fragment": sound(["41 07 f2 48 cd c9 c9 07 00", "80 00"], ["Hello"]),
	"empty fragments alone": sound(["41 00", "00 00", "80 00"], [""]),
	"control frames between the fragments": sound(
		bytewise(0x1, HELLO, ["89 01 70", "8a 01 71"]),
		["Hello"],
		Array(6).fill("8a0170"),
	),
	"a Close frame between the fragments": {
		...sound([], []),
		sends: ["41 03 f2 48 cd", CLOSE_1000, "80 04 c9 c9 07 00"],
	},
	"a message as it is before one that is compressed": sound(["81 02 68 69", `c1 07 ${HELLO}`], ["hi", "Hello"]),
	// §7.2.2: what was never compressed is in no window.
	"a message as it is between two, the second of which refers to the first": sound(
		[`c1 07 ${HELLO}`, "81 05 61 62 63 64 65", `c1 05 ${HELLO_AGAIN}`],
		["Hello", "abcde", "Hello"],
	),
	"a fragmented message as it is between two": sound(
		[`c1 07 ${HELLO}`, "02 01 61", "89 00", "80 01 62", `c2 05 ${HELLO_AGAIN}`],
		["Hello", "hex:6162", "hex:48656c6c6f"],
		["8a00"],
	),
	"compressed data without RSV1 is data": sound([`82 07 ${HELLO}`], [`hex:${HELLO.replaceAll(" ", "")}`]),
	"RSV1 on the last fragment": broken(["41 03 f2 48 cd", "c0 04 c9 c9 07 00"], "reserved-bits", 1002),
	"RSV1 on a fragment between": broken(["41 03 f2 48 cd", "40 02 c9 c9"], "reserved-bits", 1002),
	"RSV1 on the last fragment of a message as it is": broken(["01 01 61", "c0 01 62"], "reserved-bits", 1002),
	"RSV1 on a continuation of nothing": broken(["c0 00"], "reserved-bits", 1002),
	"RSV1 on a ping between the fragments": broken(["41 03 f2 48 cd", "c9 00"], "reserved-bits", 1002),
	"RSV1 on a pong between the fragments": broken(["41 03 f2 48 cd", "ca 00"], "reserved-bits", 1002),
	"RSV1 on a Close frame": broken(["c8 02 03 e8"], "reserved-bits", 1002),
	"RSV1 on a frame of a reserved opcode": broken(["c3 00"], "reserved-opcode", 1002),
	"RSV2 on a compressed message": broken([`e1 07 ${HELLO}`], "reserved-bits", 1002),
	"RSV3 on a compressed message": broken([`d1 07 ${HELLO}`], "reserved-bits", 1002),
	"RSV2 and RSV3 on a compressed message": broken([`f1 07 ${HELLO}`], "reserved-bits", 1002),
	"RSV2 behind a compressed message": broken([`c1 07 ${HELLO}`, "a1 00"], "reserved-bits", 1002, ["Hello"]),
	"a message within a compressed one": broken(["41 03 f2 48 cd", `c1 07 ${HELLO}`], "continuation-expected", 1002),
	"a message as it is within a compressed one": broken(["41 03 f2 48 cd", "81 00"], "continuation-expected", 1002),
};

export const deflateMessages: readonly Case[] = [
	...deflateCases("compression, the examples of RFC 7692", Object.fromEntries(exampleCases())),
	...deflateCases("compression, frames", frames),
];
