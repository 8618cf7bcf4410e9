import { expect, test } from "vitest";
import { requireMessage } from "../src/message-check.ts";

test.each(["", "text", new Uint8Array(0), Buffer.from("bytes")])("%o is a message", (message) => {
	expect(() => requireMessage(message)).not.toThrow();
});

test("bytes whose buffer was transferred are no empty message", () => {
	const bytes = new Uint8Array(10);
	structuredClone(bytes, { transfer: [bytes.buffer] });
	expect(() => requireMessage(bytes)).toThrow(
		expect.objectContaining({
			name: "UsageError",
			code: "ERR_TRANSFERRED",
			message: expect.stringMatching(/send a copy/),
		}),
	);
});

test.each<[unknown, string]>([
	[1, "a number: use String()"],
	[null, "null"],
	[undefined, "undefined"],
	[new ArrayBuffer(1), "an ArrayBuffer: use new Uint8Array(buffer)"],
	[new SharedArrayBuffer(1), "a SharedArrayBuffer: copy it into a new Uint8Array"],
	[Uint16Array.of(1), "a Uint16Array: use new Uint8Array(view.buffer, view.byteOffset, view.byteLength)"],
	[new DataView(new ArrayBuffer(1)), "a DataView: use new Uint8Array(view.buffer, view.byteOffset, view.byteLength)"],
	[new Blob([]), "a Blob: use await blob.bytes(), or sendStream with blob.stream()"],
	[[1, 2], "an Array: use JSON.stringify()"],
	[{}, "an Object: use JSON.stringify()"],
	[Object.create(null), "an object: use JSON.stringify()"],
])("%o is none", (message, named) => {
	expect(() => requireMessage(message)).toThrow(
		expect.objectContaining({
			name: "UsageError",
			code: "ERR_MESSAGE_TYPE",
			message: `a message is a string or a Uint8Array, not ${named}`,
		}),
	);
});
