// Finds SHORT_TEXT of packages/framing/src/text-decoding.ts and SHORT_ASCII of src/frame-writer.ts: up to how many
// bytes a loop over ASCII beats the engine's coder. Run it: node bench/micro/text.ts (or deno run, or bun).
import { decodeAscii } from "../../packages/framing/src/text-decoding.ts";
import { encodeAsciiInto, encodeUtf8, encodeUtf8Into } from "../../packages/framing/src/text-encoding.ts";
import { UTF8_BOUNDARY, validateUtf8 } from "../../packages/framing/src/utf8.ts";
import { nanoseconds, printTable } from "./measure.ts";

const fatal = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const sizes = [4, 8, 12, 16, 20, 24, 32, 40, 48, 64, 96, 128, 256];

/** The text is used, as an application would: a string that is still a tree of parts is made flat. */
function used(text: string | null): number {
	return text === null ? 0 : text.charCodeAt(text.length - 1);
}

printTable(
	"decoding ASCII, ns",
	["bytes", "loop", "TextDecoder with its view"],
	sizes.map((size) => {
		const chunk = new Uint8Array(size + 6).fill(0x61);
		return [
			String(size),
			nanoseconds(() => used(decodeAscii(chunk, 6, 6 + size))),
			nanoseconds(() => used(fatal.decode(chunk.subarray(6, 6 + size)))),
		];
	}),
);

printTable(
	"encoding ASCII into a slab, ns",
	["characters", "loop", "encodeInto with its view", "encode and set"],
	[...sizes, 512, 1024, 2048, 4096].map((size) => {
		const slab = new Uint8Array(65536);
		const text = "a".repeat(size);
		return [
			String(size),
			nanoseconds(() => encodeAsciiInto(text, slab, 2)),
			nanoseconds(() => encodeUtf8Into(text, slab, 2)),
			nanoseconds(() => slab.set(encodeUtf8(text), 2)),
		];
	}),
);

printTable(
	"validating pieces of text, ns and GB/s",
	["bytes", "ASCII", "GB/s", "three bytes each", "GB/s"],
	[16, 128, 1024, 16384].map((size) => {
		const ascii = new Uint8Array(size).fill(0x61);
		const wide = new TextEncoder().encode("€".repeat(Math.ceil(size / 3)));
		const a = nanoseconds(() => validateUtf8(UTF8_BOUNDARY, ascii, 0, ascii.length));
		const b = nanoseconds(() => validateUtf8(UTF8_BOUNDARY, wide, 0, wide.length));
		return [String(size), a, (size / a).toFixed(2), b, (wide.length / b).toFixed(2)];
	}),
);
