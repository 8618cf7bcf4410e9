// Finds WORDS_FROM of packages/framing/src/masking.ts: from how many octets on words beat octets.
// Run it: node bench/micro/masking.ts (or deno run, or bun). In place, as a reader unmasks.
import { maskOctets, maskWords } from "../../packages/framing/src/masking.ts";
import { nanoseconds, printTable } from "./measure.ts";

const KEY = 0x37fa213d;

const rows = [16, 32, 64, 96, 125, 128, 160, 192, 256, 512, 1024, 4096, 16384, 65536].map((size) => {
	// A header of 6 or 8 octets puts most payloads beside a multiple of four.
	const bytes = new Uint8Array(size + 16);
	const octets = nanoseconds(() => maskOctets(bytes, 6, 6 + size, KEY));
	const words = nanoseconds(() => maskWords(bytes, 6, 6 + size, KEY));
	return [String(size), octets, words, `${(size / Math.min(octets, words)).toFixed(2)}`];
});
printTable("masking, ns", ["octets", "by octets", "by words", "GB/s of the better"], rows);
