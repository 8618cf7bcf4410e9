import { expect, test } from "vitest";
import { content, isBinary } from "./content.ts";
import { emptyTally, take } from "./tally.ts";

const sent = (number: number): string | Uint8Array =>
	isBinary(number) ? Buffer.from(content(number, false)) : content(number, false);

function after(...messages: (string | Uint8Array)[]) {
	const tally = emptyTally();
	for (const message of messages) take(tally, message, false);
	return tally;
}

const GOOD = { missing: [], repeated: 0, disordered: 0, torn: 0 };

test("messages in their order are all there is", () => {
	expect(after(sent(0), sent(1), sent(2))).toEqual({ ...GOOD, expected: 3, received: 3 });
});

test("what is lost, repeated or late is told apart", () => {
	expect(after(sent(0), sent(2))).toMatchObject({ missing: [1], repeated: 0, disordered: 0 });
	expect(after(sent(0), sent(0))).toMatchObject({ missing: [], repeated: 1, disordered: 0 });
	expect(after(sent(0), sent(2), sent(1))).toMatchObject({ missing: [], repeated: 0, disordered: 1 });
});

test("a message of another content or type is torn", () => {
	expect(after(`${content(0, false)}!`).torn).toBe(1);
	expect(after(Buffer.from(content(0, false))).torn).toBe(1);
	expect(after("nonsense").torn).toBe(1);
});
