import { expect, test } from "vitest";
import { dataFrameStart, headerSize, writeHeader } from "../src/frame-header.ts";
import { toHex } from "./wire.ts";

test.each([
	[0, "8200"],
	[125, "827d"],
	[126, "827e007e"],
	[127, "827e007f"],
	[65535, "827effff"],
	[65536, "827f0000000000010000"],
	[2 ** 31, "827f0000000080000000"],
	[2 ** 32 - 1, "827f00000000ffffffff"],
	[2 ** 32, "827f0000000100000000"],
	[2 ** 53 - 1, "827f001fffffffffffff"],
])("a payload length of %d", (length, bytes) => {
	const header = new Uint8Array(12);
	const end = writeHeader(header, 1, 0x82, false, length);
	expect(toHex(header.subarray(1, end))).toBe(bytes);
	expect(end - 1).toBe(headerSize(length, false));
	const masked = writeHeader(header, 1, 0x82, true, length);
	expect(header[2]! & 0x80).toBe(0x80);
	expect([masked - end, headerSize(length, true) - headerSize(length, false)]).toEqual([4, 4]);
});

test("the first byte of a data frame", () => {
	expect(dataFrameStart(true, true, true, 0)).toBe(0x81);
	expect(dataFrameStart(false, true, false, 0b100)).toBe(0x42);
	expect(dataFrameStart(true, false, false, 0b100)).toBe(0x00);
	expect(dataFrameStart(true, false, true, 0b100)).toBe(0x80);
});
