import { expect, test } from "vitest";
import { everyByte, readMessages } from "./reading.ts";
import { data, encodeFor, hex, toHex } from "./wire.ts";

const isAscii = (bytes: Uint8Array): boolean => bytes.every((byte) => byte < 0x80);

test("a text is given as bytes, whole and in fragments, and in whatever chunks it comes", () => {
	const bytes = encodeFor("server", [data(1, "ab"), data(1, "c", false), data(0, "d"), data(2, "e"), data(1, "")]);
	const events = ["utf8 6162", "utf8 6364", "binary 65", "utf8 "];
	for (const chunks of [[bytes], everyByte(bytes)])
		expect(readMessages("server", chunks, { isUtf8: isAscii })).toEqual(events);
});

test("RFC 6455 §8.1: a text that the given check refuses fails the connection, whole or in fragments", () => {
	for (const frames of [[data(1, "é")], [data(1, "a", false), data(0, "é")]])
		expect(readMessages("server", [encodeFor("server", frames)], { isUtf8: isAscii })).toEqual([
			"failed invalid-utf8 1007",
		]);
});

test("the given check is the only one: bytes that are no UTF-8 pass where it lets them", () => {
	const asked: string[] = [];
	const isUtf8 = (bytes: Uint8Array): boolean => {
		asked.push(toHex(bytes));
		return true;
	};
	const bytes = encodeFor("server", [data(1, hex("ff"), false), data(0, hex("fe"))]);
	expect(readMessages("server", everyByte(bytes), { isUtf8 })).toEqual(["utf8 fffe"]);
	expect(asked).toEqual(["fffe"]);
});
