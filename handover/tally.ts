import { content, isBinary } from "./content.ts";

/** The messages that have arrived in one direction. It is plain data, so that it moves with its connection. */
export interface Tally {
	/** The number that the next message must have. */
	expected: number;
	received: number;
	/** Lower numbers that have not arrived. */
	readonly missing: number[];
	repeated: number;
	disordered: number;
	/** Messages of another content or type than their number says. */
	torn: number;
}

export const emptyTally = (): Tally => ({
	expected: 0,
	received: 0,
	missing: [],
	repeated: 0,
	disordered: 0,
	torn: 0,
});

/** `isLarge`: the content is that for a peer that does not read. */
export function take(tally: Tally, message: string | Uint8Array, isLarge: boolean): void {
	const isText = typeof message === "string";
	const text = isText ? message : Buffer.from(message.buffer, message.byteOffset, message.length).toString("utf8");
	const number = Number.parseInt(text, 10);
	tally.received++;
	if (!(number >= 0) || isText === isBinary(number) || text !== content(number, isLarge)) tally.torn++;
	if (!(number >= 0)) return;
	if (number >= tally.expected) {
		for (let absent = tally.expected; absent < number; absent++) tally.missing.push(absent);
		tally.expected = number + 1;
		return;
	}
	const at = tally.missing.indexOf(number);
	if (at < 0) tally.repeated++;
	else {
		tally.missing.splice(at, 1);
		tally.disordered++;
	}
}
