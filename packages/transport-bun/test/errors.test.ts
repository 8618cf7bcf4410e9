import { expect, test } from "bun:test";
import { listenError, socketError, tlsError } from "../src/errors.ts";

const place = { task: "connect to there", path: null };

function bunError(code: string): Error {
	return Object.assign(new Error(code), { code });
}

test.each([
	["EADDRINUSE", "ERR_ADDRESS_IN_USE"],
	["EADDRNOTAVAIL", "ERR_ADDRESS_UNAVAILABLE"],
	["EACCES", "ERR_PERMISSION"],
	["ECONNREFUSED", "ERR_CONNECTION_REFUSED"],
	["ENOTFOUND", "ERR_NAME_NOT_RESOLVED"],
	["EPROTO", "ERR_TLS"],
	["EWHATEVER", "ERR_TRANSPORT"],
])("Bun's %s is %s", (code, expected) => {
	const cause = bunError(code);
	expect(socketError(place, cause)).toMatchObject({ name: "TransportError", code: expected, cause });
});

test("what is invalid about a path is its length", () => {
	expect(socketError({ ...place, path: "/x" }, bunError("EINVAL")).code).toBe("ERR_PATH");
	expect(socketError(place, bunError("EINVAL")).code).toBe("ERR_TRANSPORT");
});

test("an error without a code is an error of the transport", () => {
	for (const odd of [new Error("odd"), null, "text", { code: 5 }])
		expect(socketError(place, odd).code).toBe("ERR_TRANSPORT");
});

test("a listener's key, a dialler's certificates", () => {
	expect(listenError(place, bunError("ERR_OSSL_PEM_NO_START_LINE")).code).toBe("ERR_TLS_KEY");
	expect(listenError(place, bunError("EADDRINUSE")).code).toBe("ERR_ADDRESS_IN_USE");
	expect(tlsError(place, bunError("CERT_HAS_EXPIRED")).code).toBe("ERR_TLS_CERTIFICATE");
	expect(tlsError(place, bunError("ERR_BORINGSSL")).code).toBe("ERR_TLS_CERTIFICATE");
	expect(tlsError(place, bunError("EPROTO")).code).toBe("ERR_TLS");
	expect(tlsError(place, bunError("ECONNREFUSED")).code).toBe("ERR_CONNECTION_REFUSED");
});
