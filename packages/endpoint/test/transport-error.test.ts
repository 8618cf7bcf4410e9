import { expect, test } from "vitest";
import { codeOfSystemError, transportError } from "../src/transport-error.ts";

test.each([
	["EADDRINUSE", "ERR_ADDRESS_IN_USE"],
	["EACCES", "ERR_PERMISSION"],
	["ENOENT", "ERR_PATH"],
	["ENOTFOUND", "ERR_NAME_NOT_RESOLVED"],
	["ECONNREFUSED", "ERR_CONNECTION_REFUSED"],
	["EPIPE", "ERR_CONNECTION_RESET"],
	["EMFILE", "ERR_TOO_MANY_FILES"],
	["constructor", "ERR_TRANSPORT"],
	[undefined, "ERR_TRANSPORT"],
])("the system's %s is %s", (name, code) => {
	expect(codeOfSystemError(name)).toBe(code);
});

test("the message says what was tried and how to mend it; the cause is kept", () => {
	const cause = new Error("listen EADDRINUSE");
	const error = transportError("ERR_ADDRESS_IN_USE", "listen on 127.0.0.1:80", cause);
	expect(error.message).toMatch(/^cannot listen on 127.0.0.1:80: the address is in use already/);
	expect(error).toMatchObject({ name: "TransportError", code: "ERR_ADDRESS_IN_USE", cause });
});
