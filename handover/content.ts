// Every message has its number and, behind it, a content that follows from the number.
const CHARACTERS = ["a", "é", "€", "😀", "z", "ß", "漢", "🚀", "0", "ñ", "字", "🐢", "-"];

const body = (of: number, size: number): string =>
	Array.from({ length: size }, (_, i) => CHARACTERS[(i * i + of * 7) % CHARACTERS.length]).join("");

/** Most are short; some are long enough to be cut more than once. */
const BODIES = Array.from({ length: 61 }, (_, of) => body(of, of % 10 === 0 ? 1500 : 20 + of));

/** For a peer that does not read: the system has no room for many of them. */
const LARGE = Array.from({ length: 61 }, (_, of) => body(of, 16_000));

export const isBinary = (number: number): boolean => number % 3 === 1;

export function content(number: number, isLarge: boolean): string {
	return `${number} ${(isLarge ? LARGE : BODIES)[number % BODIES.length]}`;
}
