import { expect, test } from "vitest";
import { frameHeader } from "../../bench/load/frames.ts";
import { FrameReader } from "./frame-reader.ts";
import { type Value, valueBytes } from "./value.ts";

const VALUES: readonly Value[] = [
	{ key: 1, number: 7, time: 1.5 },
	{ key: 49, number: 4_000_000_000, time: 1_795_985_120_830.25 },
];
const frame = (kind: "binary" | "close", payload: Uint8Array): Buffer =>
	Buffer.concat([frameHeader(kind, payload.length, false), payload]);
const STREAM = Buffer.concat([
	frame("binary", new Uint8Array(70_000)),
	frame("binary", valueBytes(VALUES[0]!)),
	frame("binary", new Uint8Array(0)),
	frame("binary", new Uint8Array(2000)),
	frame("binary", valueBytes(VALUES[1]!)),
	frame("close", Buffer.from([0x03, 0xf5])),
]);

test.each([1, 3, 255, 256, 100_000])("values and other frames, in pieces of %i bytes", (size) => {
	const values: Value[] = [];
	const others: (readonly [first: number, length: number])[] = [];
	const reader = new FrameReader(
		(value) => values.push(value),
		(first, { length }) => others.push([first, length]),
	);
	for (let at = 0; at < STREAM.length; at += size) reader.take(Buffer.from(STREAM.subarray(at, at + size)));
	expect(values).toEqual(VALUES);
	expect(others).toEqual([
		[0x82, 0],
		[0x82, 0],
		[0x82, 0],
		[0x88, 2],
	]);
});
