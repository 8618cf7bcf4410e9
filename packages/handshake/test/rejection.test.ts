import { describe, expect, test } from "vitest";
import { reject } from "../src/rejection.ts";

describe("reject", () => {
	test("RFC 9110 §15.5.6: 405 comes with Allow", () => {
		expect(reject("method-not-get").rejection).toMatchObject({ status: 405, fields: [["allow", "GET"]] });
	});

	test.each(["missing-upgrade", "missing-version", "repeated-version", "unsupported-version"] as const)(
		"RFC 9110 §15.5.22 and RFC 6455 §4.4: 426 for %s comes with Upgrade and the version",
		(kind) => {
			expect(reject(kind).rejection).toMatchObject({
				status: 426,
				fields: [
					["upgrade", "websocket"],
					["connection", "Upgrade"],
					["sec-websocket-version", "13"],
				],
			});
		},
	);

	test("400 needs no fields", () => {
		expect(reject("malformed-key")).toEqual({
			ok: false,
			rejection: {
				kind: "malformed-key",
				status: 400,
				section: "RFC 6455 §4.2.1 item 5",
				message: "malformed key (RFC 6455 §4.2.1 item 5)",
				fields: [],
			},
		});
	});

	test("RFC 9110 §9.3.1: a rule of another RFC says so", () => {
		expect(reject("request-with-body").rejection.section).toBe("RFC 9110 §9.3.1");
	});

	test("the client's role has no status and no fields", () => {
		expect(reject("wrong-accept").rejection).toMatchObject({ status: 0, fields: [] });
	});
});
