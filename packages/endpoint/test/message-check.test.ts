import { expect, test } from "vitest";
import { requireMessage } from "../src/message-check.ts";

test.each(["", "text", new Uint8Array(0), Buffer.from("bytes")])("%o is a message", (message) => {
	expect(() => requireMessage(message)).not.toThrow();
});

test.each<[unknown, string]>([
	[1, "number"],
	[null, "null"],
	[undefined, "undefined"],
	[new ArrayBuffer(1), "ArrayBuffer"],
	[Uint16Array.of(1), "Uint16Array"],
	[[1, 2], "Array"],
	[{}, "Object"],
	[Object.create(null), "plain object"],
])("%o is none", (message, named) => {
	expect(() => requireMessage(message)).toThrow(
		expect.objectContaining({
			name: "UsageError",
			code: "ERR_MESSAGE_TYPE",
			message: `a message is a string or a Uint8Array; this one: ${named}`,
		}),
	);
});
