import { expect, test } from "vitest";
import { type Offered, statesOf } from "./states.ts";

type Frames = Offered["moved"]["connection"]["reader"]["frames"];

/** A masked frame of fewer than 126 bytes. */
function frame(first: number, payload: string): Buffer {
	const key = [1, 2, 3, 4];
	const bytes = Buffer.from(payload);
	return Buffer.from([first, 0x80 | bytes.length, ...key, ...bytes.map((byte, i) => byte ^ key[i & 3]!)]);
}

function states(unread: readonly Uint8Array[], message: Frames["message"] = null, held = ""): string[] {
	const reader = { held: Buffer.from(held, "latin1"), frames: { unread, message } };
	const moved = { isClosing: false, connection: { reader } };
	const all = statesOf({ moved, data: { id: 0, kind: "fast", compression: false } }, false);
	return all.filter((state) => !["no compression", "fast peer", "received and not parsed"].includes(state));
}

const MESSAGE = { opcode: 1, rsv: 0, fragments: 1, remaining: 5, fin: true };

test("a connection between two messages is between messages", () => {
	expect(states([])).toEqual(["between messages"]);
	expect(states([frame(0x81, "abc")])).toEqual(["between messages"]);
});

test("what the reader has begun", () => {
	expect(states([], MESSAGE, "abc")).toEqual(["in a frame"]);
	expect(states([], MESSAGE, "ab\xe2\x82")).toEqual(["in a frame", "in a character"]);
	expect(states([], { ...MESSAGE, opcode: 2, remaining: 0, fin: false })).toEqual(["in binary in fragments"]);
	expect(states([], { ...MESSAGE, rsv: 4 })).toEqual(["in a frame", "in a compressed message"]);
});

test("what is received and not parsed is followed to its end", () => {
	expect(states([frame(0x81, "abc"), frame(0x82, "abc").subarray(0, 4)])).toEqual(["in a frame"]);
	expect(states([frame(0x01, "abc"), frame(0x89, "")])).toEqual(["in text in fragments"]);
	expect(states([frame(0x01, "abc"), frame(0x80, "d")])).toEqual(["between messages"]);
	expect(states([frame(0x81, "ab€").subarray(0, -1)])).toEqual(["in a frame", "in a character"]);
	expect(states([frame(0xc1, "abc").subarray(0, -1)])).toEqual(["in a frame", "in a compressed message"]);
});
