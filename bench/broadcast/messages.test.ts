import { expect, test } from "vitest";
import { CYCLE, messagesOf, requestedMessages, requestFor } from "./messages.ts";

test("a request names a part of the cycle", () => {
	const cycle = messagesOf(20);
	expect(requestedMessages(requestFor(0, 16, 20))).toEqual(cycle.slice(0, 16));
	expect(requestedMessages(requestFor(CYCLE - 1, 1, 20))).toEqual(cycle.slice(-1));
});

test("no message of the cycle is like another, and all have the size", () => {
	const cycle = messagesOf(1024);
	expect(new Set(cycle).size).toBe(CYCLE);
	expect(cycle.every(({ length }) => length === 1024)).toBe(true);
});

test.each(["", "join", "1", "0 0 20", `${CYCLE} 1 20`])("'%s' is no request", (request) => {
	expect(() => requestedMessages(request)).toThrow(request);
});
