import assert from "node:assert/strict";
import { socketError } from "../src/errors.ts";

// The errors that no other test makes a real socket give.
for (const [cause, code] of [
	[Object.assign(new Error("Too many open files (os error 24)"), { code: "EMFILE" }), "ERR_TOO_MANY_FILES"],
	[Object.assign(new Deno.errors.TimedOut("timed out"), { code: "ETIMEDOUT" }), "ERR_CONNECTION_TIMED_OUT"],
	[Object.assign(new Deno.errors.NetworkUnreachable("unreachable"), { code: "ENETUNREACH" }), "ERR_UNREACHABLE"],
	[Object.assign(new Deno.errors.PermissionDenied("denied"), { code: "EACCES" }), "ERR_PERMISSION"],
	[Object.assign(new TypeError("Invalid argument (os error 22)"), { code: "EINVAL" }), "ERR_TRANSPORT"],
	[new URIError("invalid host 'a b': invalid char found in FQDN"), "ERR_NAME_NOT_RESOLVED"],
	[new TypeError("Invalid hostname: 'a_b..c'"), "ERR_TLS"],
	[new Deno.errors.InvalidData("received fatal alert: CertificateUnknown"), "ERR_TLS"],
	[new Error("odd"), "ERR_TRANSPORT"],
	["no error at all", "ERR_TRANSPORT"],
] as const) {
	Deno.test(`Deno's ${String(cause)} is ${code}`, () => {
		const error = socketError("connect to there", cause);
		assert.deepEqual([error.name, error.code, error.cause], ["TransportError", code, cause]);
	});
}
