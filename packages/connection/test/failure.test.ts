import { frameFailure } from "@barewire/framing";
import { expect, test } from "vitest";
import { ABNORMAL_CLOSURE, connectionFailure, failureOf, isFailureKind, NO_STATUS_RECEIVED } from "../src/failure.ts";

test.each([
	["handshake-timeout", 1006, "RFC 9110 §15.5.9"],
	["http-idle-timeout", 1006, "RFC 9112 §9.5"],
	["body-timeout", 1006, "RFC 9110 §15.5.9"],
	["message-timeout", 1008, "RFC 6455 §7.4.1"],
	["keepalive-timeout", 1011, "RFC 6455 §5.5.2"],
	["closing-timeout", 1006, "RFC 6455 §7.1.1"],
	["stream-reset", 1006, "RFC 6455 §7.1.5"],
	["stream-ended", 1006, "RFC 6455 §7.1.5"],
] as const)("%s: %i, %s", (kind, code, section) => {
	const failure = connectionFailure(kind);
	expect(failure).toEqual({ kind, code, section, message: failure.message });
	// RFC 6455 §5.5.1: it has to fit a Close frame's reason.
	expect(failure.message).toMatch(/^[ -~]{1,123}$/);
});

test("RFC 6455 §7.4.1: the codes that stand for the lack of one", () => {
	expect([NO_STATUS_RECEIVED, ABNORMAL_CLOSURE]).toEqual([1005, 1006]);
});

test("a failure of any kind by its name, which is all that a snapshot keeps", () => {
	expect(failureOf("close-code")).toEqual(frameFailure("close-code"));
	expect(failureOf("stream-reset")).toEqual(connectionFailure("stream-reset"));
	expect(["close-code", "stream-reset", "toString", ""].map(isFailureKind)).toEqual([true, true, false, false]);
});
