import { LARGEST_COMPRESSED } from "../exchange/deflate.ts";
import { binary, randomBinary, randomText, text } from "../exchange/messages.ts";

// Where the form of the length changes (RFC 6455 §5.2), and where many begin to compress.
const SIZES = [0, 1, 125, 126, 1023, 1024, 65_535, 65_536];
const MEBIBYTE = 1024 * 1024;

/** Twice the same, which gets much shorter by reference to the first one alone, in a window of so many bits. */
export const TWICE = [randomText("twice", 2_000), randomText("twice", 2_000)];
export const TWICE_BITS = 12;

/** Of each size what compresses well and what does not. */
export const SHORT_LADDER = SIZES.flatMap((size) => [
	text("x", size),
	randomText(`text ${size}`, size),
	binary("c3", size),
	randomBinary(`binary ${size}`, size),
]);

/** With 1 MiB besides. */
export const LADDER = [text("wörld, € \u{1f600}", MEBIBYTE / 16), randomBinary("1 MiB", MEBIBYTE), ...SHORT_LADDER];

export const FRAGMENTED = [text("wörld, € \u{1f600}", 3), randomBinary("fragments", 5_000), text("x", 160_000)];
export const FEW = [text("x", 65_536), randomBinary("few", 5_000)];
export const LARGEST = [randomBinary("16 MiB", LARGEST_COMPRESSED), text("0123456789abcdef", LARGEST_COMPRESSED / 16)];
