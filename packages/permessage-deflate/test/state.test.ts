import { describe, expect, test } from "vitest";
import { type DeflateState, readState } from "../src/state.ts";
import { noise } from "./bytes.ts";

const STATE: DeflateState = {
	own: { contextTakeover: false, windowBits: 8 },
	peer: { contextTakeover: true, windowBits: 9 },
	window: noise(512),
	compressed: noise(64 * 1024),
	given: Number.MAX_SAFE_INTEGER,
	isInside: true,
};

function refused(state: unknown): string {
	try {
		readState(state);
	} catch (error) {
		expect(error).toMatchObject({ name: "UsageError", code: "ERR_SNAPSHOT" });
		return (error as Error).message;
	}
	return "";
}

test("what can be is taken, as a copy", () => {
	const read = readState(STATE);
	expect(read).toEqual(STATE);
	expect(read.window.buffer).not.toBe(STATE.window.buffer);
	expect(readState(structuredClone(STATE))).toEqual(STATE);
	const idle = { ...STATE, window: noise(0), compressed: noise(0), given: 0, isInside: false };
	expect(readState(idle)).toEqual(idle);
});

describe("what can't be is refused by name", () => {
	const NAMES = "an object of own, peer, window, compressed, given, isInside and nothing else";
	const DIRECTION = "an object of contextTakeover, windowBits and nothing else";
	test.each<[unknown, string]>([
		[null, `\`state\` must be ${NAMES}`],
		[undefined, `\`state\` must be ${NAMES}`],
		[7, `\`state\` must be ${NAMES}`],
		[[], `\`state\` must be ${NAMES}`],
		[{}, `\`state\` must be ${NAMES}`],
		[{ ...STATE, more: 1 }, `\`state\` must be ${NAMES}`],
		[{ ...STATE, own: null }, `\`own\` must be ${DIRECTION}`],
		[{ ...STATE, own: { contextTakeover: true } }, `\`own\` must be ${DIRECTION}`],
		[{ ...STATE, own: { ...STATE.own, more: 1 } }, `\`own\` must be ${DIRECTION}`],
		[{ ...STATE, own: { ...STATE.own, contextTakeover: 1 } }, "`own.contextTakeover` must be true or false"],
		[{ ...STATE, own: { ...STATE.own, windowBits: 7 } }, "`own.windowBits` must be a whole number from 8 to 15"],
		[{ ...STATE, peer: { ...STATE.peer, windowBits: 16 } }, "`peer.windowBits` must be a whole number from 8 to 15"],
		[{ ...STATE, peer: { ...STATE.peer, windowBits: 9.5 } }, "`peer.windowBits` must be a whole number from 8 to 15"],
		[{ ...STATE, peer: { ...STATE.peer, windowBits: "9" } }, "`peer.windowBits` must be a whole number from 8 to 15"],
		[{ ...STATE, window: noise(513) }, "`window` must be a Uint8Array of at most 512 bytes"],
		[{ ...STATE, window: [1, 2] }, "`window` must be a Uint8Array of at most 512 bytes"],
		[
			{ ...STATE, peer: { ...STATE.peer, contextTakeover: false }, window: noise(1) },
			"`window` must be a Uint8Array of at most 0 bytes",
		],
		[{ ...STATE, compressed: noise(65_537) }, "`compressed` must be a Uint8Array of at most 65536 bytes"],
		[{ ...STATE, compressed: "x" }, "`compressed` must be a Uint8Array of at most 65536 bytes"],
		[{ ...STATE, isInside: false }, "`compressed` must be a Uint8Array of at most 0 bytes"],
		[{ ...STATE, given: -1 }, `\`given\` must be a whole number from 0 to ${Number.MAX_SAFE_INTEGER}`],
		[{ ...STATE, given: Number.NaN }, `\`given\` must be a whole number from 0 to ${Number.MAX_SAFE_INTEGER}`],
		[{ ...STATE, given: 2 ** 53 }, `\`given\` must be a whole number from 0 to ${Number.MAX_SAFE_INTEGER}`],
		[{ ...STATE, given: 1n }, `\`given\` must be a whole number from 0 to ${Number.MAX_SAFE_INTEGER}`],
		[{ ...STATE, compressed: noise(0), given: 1 }, "`given` must be a whole number from 0 to 0"],
		[{ ...STATE, isInside: 1 }, "`isInside` must be true or false"],
	])("%#: %s", (state, message) => {
		expect(refused(state)).toBe(`in the snapshot of permessage-deflate ${message}`);
	});
});
