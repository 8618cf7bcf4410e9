import type { Extension } from "@barewire/framing";
import { describe, expect, test } from "vitest";
import { preparedFor, prepareMessage } from "../src/prepared.ts";
import { bytesOf, toHex, upper } from "./wire.ts";

/** Puts a byte in front of what is longer than one. */
function marking(rsv: number, shared: string | null): Extension {
	return {
		...upper(),
		name: "x-marking",
		rsv,
		shared,
		outgoingRsv: (_, size) => ((size ?? 0) > 1 ? 0b111 : 0),
		encodeShared: (payload) => Uint8Array.of(0x21, ...payload),
	};
}

describe("who can be sent the same frame", () => {
	test("those without extensions, and those whose extensions leave the message as it is", () => {
		expect(preparedFor([], "text", 5)).toBe("");
		expect(preparedFor([marking(0b010, null)], "text", 1)).toBe("");
	});

	test("those whose extensions have the same names and share the same", () => {
		expect(preparedFor([upper(), marking(0b010, "a")], "binary", 5)).toBe("x-upper always;x-marking a;");
		expect(preparedFor([upper(), marking(0b010, "b")], "binary", 5)).toBe("x-upper always;x-marking b;");
	});

	test("nobody, where an extension shares nothing", () => {
		expect(preparedFor([upper(), marking(0b010, null)], "text", 5)).toBe(null);
	});
});

describe("the frame", () => {
	test("RFC 6455 §9.1: the extensions act in the order of the list, and set the bits that they claim", () => {
		expect(toHex(prepareMessage([upper(), marking(0b010, "a")], "ab"))).toBe("e103214142");
		expect(toHex(prepareMessage([marking(0b010, "a"), upper()], bytesOf("ab")))).toBe("e203014142");
		expect(toHex(prepareMessage([marking(0b010, "a"), upper()], bytesOf("ab"), true))).toBe("e103014142");
	});

	test("of a message that they leave as it is has none", () => {
		expect(toHex(prepareMessage([marking(0b010, "a")], "a"))).toBe("810161");
	});

	test("counts bytes, not characters", () => {
		expect(toHex(prepareMessage([marking(0b010, "a")], "é"))).toBe("a10321c3a9");
	});
});
