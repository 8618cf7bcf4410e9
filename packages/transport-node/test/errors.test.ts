import { expect, test } from "vitest";
import { socketError } from "../src/errors.ts";

function nodeError(code: string): Error {
	return Object.assign(new Error(code), { code });
}

test.each([
	["EADDRINUSE", "ERR_ADDRESS_IN_USE"],
	["ECONNREFUSED", "ERR_CONNECTION_REFUSED"],
	["ENOTFOUND", "ERR_NAME_NOT_RESOLVED"],
	["DEPTH_ZERO_SELF_SIGNED_CERT", "ERR_TLS_CERTIFICATE"],
	["SELF_SIGNED_CERT_IN_CHAIN", "ERR_TLS_CERTIFICATE"],
	["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "ERR_TLS_CERTIFICATE"],
	["CERT_HAS_EXPIRED", "ERR_TLS_CERTIFICATE"],
	["ERR_TLS_CERT_ALTNAME_INVALID", "ERR_TLS_CERTIFICATE"],
	["ERR_SSL_WRONG_VERSION_NUMBER", "ERR_TLS"],
	["EPROTO", "ERR_TLS"],
	["EWHATEVER", "ERR_TRANSPORT"],
])("Node's %s is %s", (code, expected) => {
	const cause = nodeError(code);
	expect(socketError("connect to there", cause)).toMatchObject({ name: "TransportError", code: expected, cause });
});

test("what is invalid without a port is a path that is too long", () => {
	expect(socketError("listen on /x", nodeError("EINVAL")).code).toBe("ERR_PATH");
	expect(socketError("listen on :1", Object.assign(nodeError("EINVAL"), { port: 1 })).code).toBe("ERR_TRANSPORT");
});

test("an error without a code is an error of the transport", () => {
	expect(socketError("connect to there", new Error("odd")).code).toBe("ERR_TRANSPORT");
});
