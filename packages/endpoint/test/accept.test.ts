import { expect, test } from "vitest";
import { type AcceptOptions, accept } from "../src/accept.ts";

test.each<[options: unknown, message: string]>([
	[{ protocl: "chat" }, "unknown option `protocl` of accept(); known are protocol, headers, data"],
	[{ data: 1, status: 200 }, "unknown option `status` of accept(); known are protocol, headers, data"],
	[{ protocol: ["chat"] }, "the option `protocol` must be a string that is not empty, not an array"],
	[null, "the options must be an object, not null; known are protocol, headers, data"],
	["chat", "the options must be an object, not a string; known are protocol, headers, data"],
])("accept(%j) is refused by name", (options, message) => {
	expect(() => accept(options as AcceptOptions)).toThrow(
		expect.objectContaining({ name: "UsageError", code: "ERR_OPTION", message }),
	);
});

test("an option that is undefined counts as absent", () => {
	expect(accept({ protocol: undefined, headers: undefined, data: undefined })).toEqual(accept());
});
