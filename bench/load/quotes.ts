import { randomNumbers } from "./payload.ts";

const SYMBOLS = ["AAPL", "MSFT", "NVDA", "AMZN", "GOOGL", "META", "BRK.B", "JPM", "XOM", "UNH", "ASML", "SAP"];
const VENUES = ["XNAS", "XNYS", "XETR", "XAMS"];
/** 2026-01-02, when the exchanges open. */
const OPENING = Date.UTC(2026, 0, 2, 14, 30);

/**
 * JSON as it is sent in millions: an array of records with the same names in each of them, few different words, and numbers
 * that nobody can guess. As many records as make it no shorter than `size` bytes; all of them ASCII. The same in every run.
 */
export function makeQuotes(size: number, seed: number): Buffer {
	const next = randomNumbers(seed);
	const below = (end: number): number => Math.floor((next() / 2 ** 32) * end);
	let time = OPENING + seed * 60_000;
	let text = "[";
	while (text.length < size) {
		const symbol = below(SYMBOLS.length);
		const cents = 5000 + symbol * 3100 + below(400);
		time += below(40);
		const quote = {
			id: next().toString(16).padStart(8, "0"),
			symbol: SYMBOLS[symbol],
			bid: cents / 100,
			ask: (cents + 1 + below(5)) / 100,
			size: 100 * (1 + below(20)),
			venue: VENUES[below(VENUES.length)],
			time: new Date(time).toISOString(),
		};
		text += `${text === "[" ? "" : ","}${JSON.stringify(quote)}`;
	}
	return Buffer.from(`${text}]`);
}
