// Every message has its number and, behind it, a content that follows from the number.
const CHARACTERS = ["a", "é", "€", "😀", "z", "ß", "🚀", "0"];

/** The characters follow each other without an order that compression could use. */
function body(of: number, size: number): string {
	let seed = of * 7919 + 1;
	return Array.from({ length: size }, () => {
		seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
		const drawn = seed >>> 12;
		return drawn % 4 === 0
			? CHARACTERS[(drawn >>> 2) % CHARACTERS.length]
			: String.fromCodePoint(0x4e00 + (drawn % 20_000));
	}).join("");
}

/** Most are short; some are long enough to be cut more than once. */
const BODIES = Array.from({ length: 61 }, (_, of) => body(of, of % 4 === 0 ? 1500 : 20 + of));

/** For a peer that does not read: the system has no room for many of them. */
const LARGE = Array.from({ length: 61 }, (_, of) => body(of, 16_000));

export const isBinary = (number: number): boolean => number % 3 === 1;

export function content(number: number, isLarge: boolean): string {
	return `${number} ${(isLarge ? LARGE : BODIES)[number % BODIES.length]}`;
}
