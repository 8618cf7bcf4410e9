import fc from "fast-check";
import { expect, test } from "vitest";
import type { CarriedMessage } from "../../src/backplane/backplane.ts";
import { idText, type Outgoing, readWire, WireWriter } from "../../src/backplane/wire.ts";

const ID = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 0xff);
const FROM = "01020304050607ff";

const text = fc.string({ unit: "binary" });
const number = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const position = fc.record({ channel: text, epoch: number, number });

test("a message comes as it was sent", () => {
	const carried: fc.Arbitrary<CarriedMessage> = fc.record({
		topic: fc.constant("t"),
		message: fc.oneof(fc.string({ unit: "grapheme" }), fc.uint8Array()),
		plain: fc.boolean(),
		slow: fc.constantFrom(null, "wait" as const, "drop" as const, "latest" as const, "disconnect" as const),
		key: fc.option(text),
	});
	fc.assert(
		fc.property(carried, number, number, (sent, epoch, at) => {
			const { topic: _, ...content } = sent;
			const bytes = new WireWriter(ID).message(sent, epoch, at);
			expect(readWire(bytes, "other")).toEqual({ kind: "message", from: FROM, epoch, number: at, ...content });
			expect(readWire(bytes, FROM)).toBe("own");
		}),
	);
	// A message of 20 octets costs 13 octets of head.
	expect(new WireWriter(ID).message(message("x".repeat(20)), 1, 100).length).toBe(20 + 13);
});

test("everything else comes as it was sent", () => {
	const outgoing: fc.Arbitrary<Outgoing> = fc.oneof(
		fc.record({
			kind: fc.constant("beat" as const),
			number,
			losses: number,
			isHello: fc.boolean(),
			isBye: fc.boolean(),
			positions: fc.array(position),
		}),
		fc.record({ kind: fc.constant("present" as const), number, losses: number }),
		fc.record({ kind: fc.constant("ask" as const), question: number, channels: fc.array(text) }),
		fc.record({ kind: fc.constant("answer" as const), question: number, positions: fc.array(position) }),
		fc.record({ kind: fc.constant("count" as const), question: number, channel: text }),
		fc.record({ kind: fc.constant("counted" as const), question: number, count: number }),
	);
	fc.assert(
		fc.property(outgoing, (sent) => {
			expect(readWire(new WireWriter(ID).other(sent), "other")).toEqual({ from: FROM, ...sent });
		}),
	);
});

test("no bytes make the reader throw, and a message that is cut short is refused or shorter", () => {
	const bytes = fc.uint8Array({ maxLength: 60 });
	fc.assert(
		fc.property(bytes, fc.integer({ min: 0, max: 9 }), (rest, kind) => {
			readWire(rest, FROM);
			readWire(Uint8Array.of(1, kind, ...ID, ...rest), "other");
		}),
		{ numRuns: 5000 },
	);
	const whole = new WireWriter(ID).other({ kind: "ask", question: 5, channels: ["abc", "d"] });
	for (let length = 0; length < whole.length; length++) expect(readWire(whole.subarray(0, length), "other")).toBe(null);
});

test("text that is not UTF-8, an unknown version, kind and policy are refused", () => {
	const bytes = new WireWriter(ID).message(message("é"), 1, 1);
	expect(readWire(bytes.subarray(0, -1), "other")).toBe(null);
	for (const [index, value] of [
		[0, 2],
		[1, 77],
		[10, 0xff],
	] as const) {
		const changed = bytes.slice();
		changed[index] = value;
		expect(readWire(changed, "other")).toBe(null);
	}
});

test("an id is written in hexadecimal", () => {
	expect(idText(ID)).toBe(FROM);
});

function message(content: string): CarriedMessage {
	return { topic: "t", message: content, plain: false, slow: null, key: null };
}
