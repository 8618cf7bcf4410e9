import { expect, test } from "vitest";
import { copyBytes, joinBytes, readInt32, writeInt32 } from "../src/bytes.ts";
import { hex, toHex } from "./wire.ts";

test("copies just the range, short and long", () => {
	for (const length of [0, 1, 15, 16, 17, 200]) {
		const source = Uint8Array.from({ length: length + 4 }, (_, i) => i + 1);
		const target = new Uint8Array(length + 6);
		copyBytes(target, 3, source, 2, length + 2);
		expect([...target]).toEqual([0, 0, 0, ...source.subarray(2, length + 2), 0, 0, 0]);
	}
});

test("pieces are joined in an array of their own", () => {
	const piece = hex("0102");
	const joined = joinBytes([piece, hex(""), hex("03")]);
	expect([toHex(joined), joined.buffer.byteLength]).toEqual(["010203", 3]);
	expect(joinBytes([piece]).buffer).not.toBe(piece.buffer);
	expect(joinBytes([]).length).toBe(0);
});

test("32-bit integers in network byte order", () => {
	expect(readInt32(hex("00 37fa213d"), 1)).toBe(0x37fa213d);
	expect(readInt32(hex("ffffffff"), 0) >>> 0).toBe(2 ** 32 - 1);
	const bytes = new Uint8Array(6);
	writeInt32(bytes, 1, 2 ** 32 + 0xff020304);
	expect(toHex(bytes)).toBe("00ff02030400");
});
