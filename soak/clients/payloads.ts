import { makePayload } from "../../bench/load/payload.ts";

/** Sizes in bytes: nothing, one frame of each form of length, and some that take many reads. */
const SIZES = [0, 1, 125, 126, 1500, 40_000, 65_535, 65_536];
const LARGE = 300_000;
/** Several bytes in UTF-8 for each character. */
const WORDS = "κόσμε 🌍 ";

const binary = SIZES.map((size, i) => makePayload("binary", size, i + 1));
const texts = SIZES.map((size, i) => Buffer.from(makePayload("text", size, i + 1)).toString("latin1"));
const large = makePayload("binary", LARGE, 99);

/** What a client sends: other sizes on each seat, and one of the large ones on some. */
export function payloads(seat: number): readonly (string | Uint8Array)[] {
	const at = (i: number): number => (seat + i) % SIZES.length;
	const some = [texts[at(0)]!, binary[at(1)]!, WORDS.repeat(seat + 1), texts[at(3)]!, binary[at(5)]!];
	return seat % 4 === 0 ? [...some, large] : some;
}
