// Finds WORDS_FROM of packages/framing/src/masking.ts: from how many bytes on words beat bytes.
// Run it: node bench/micro/masking.ts (or deno run, or bun). In place, as a reader unmasks.
import { maskBytes, maskWords } from "../../packages/framing/src/masking.ts";
import { nanoseconds, printTable } from "./measure.ts";

const KEY = 0x37fa213d;

const rows = [16, 32, 64, 96, 125, 128, 160, 192, 256, 512, 1024, 4096, 16384, 65536].map((size) => {
	// A header of 6 or 8 bytes puts most payloads beside a multiple of four.
	const bytes = new Uint8Array(size + 16);
	const byBytes = nanoseconds(() => maskBytes(bytes, 6, 6 + size, KEY));
	const words = nanoseconds(() => maskWords(bytes, 6, 6 + size, KEY));
	return [String(size), byBytes, words, `${(size / Math.min(byBytes, words)).toFixed(2)}`];
});
printTable("masking, ns", ["bytes", "by bytes", "by words", "GB/s of the better"], rows);
