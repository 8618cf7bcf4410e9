import { expect, test } from "vitest";
import { pingSize } from "./frames.ts";

const PING = [0x89, 0x02, 1, 2];
const TEXT = [0x81, 0x01, 0x61];

test.each([
	["nothing", [], 0],
	["a message", TEXT, 0],
	["a ping", PING, 4],
	["a ping and a message", [...PING, ...TEXT], 4],
	["two pings, one of them empty", [...PING, 0x89, 0x00], 6],
	["a message and a ping", [...TEXT, ...PING], 0],
])("the pings before anything else: %s", (_, bytes, size) => {
	expect(pingSize(Buffer.from(bytes))).toBe(size);
});
