import { expect, test } from "vitest";
import { closePayload } from "../src/index.ts";
import { toHex } from "./wire.ts";

function usageError(code: string): unknown {
	return expect.objectContaining({ name: "UsageError", code });
}

test("RFC 6455 §5.5.1: a code of 2 bytes and a reason in UTF-8, or nothing", () => {
	expect(toHex(closePayload(undefined))).toBe("");
	expect(toHex(closePayload(1000))).toBe("03e8");
	expect(toHex(closePayload(4999, "é"))).toBe("1387c3a9");
	expect(closePayload(1000, "a".repeat(123)).length).toBe(125);
});

test("what can't be sent", () => {
	expect(() => closePayload(1005)).toThrow(usageError("ERR_INVALID_CLOSE_CODE"));
	expect(() => closePayload(undefined, "why")).toThrow(usageError("ERR_INVALID_CLOSE_CODE"));
	expect(() => closePayload(1000, "é".repeat(62))).toThrow(usageError("ERR_CLOSE_REASON_TOO_LONG"));
});
