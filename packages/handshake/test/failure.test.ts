import { describe, expect, test } from "vitest";
import { fail } from "../src/failure.ts";

describe("fail", () => {
	test("RFC 9110 §15.5.6: 405 comes with Allow", () => {
		expect(fail("method-not-get").failure).toMatchObject({ status: 405, fields: [["allow", "GET"]] });
	});

	test.each(["missing-upgrade", "missing-version", "repeated-version", "unsupported-version"] as const)(
		"RFC 9110 §15.5.22 and RFC 6455 §4.4: 426 for %s comes with Upgrade and the version",
		(kind) => {
			expect(fail(kind).failure).toMatchObject({
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
		expect(fail("malformed-key")).toEqual({
			ok: false,
			failure: {
				kind: "malformed-key",
				status: 400,
				section: "RFC 6455 §4.2.1 item 5",
				message: "malformed key (RFC 6455 §4.2.1 item 5)",
				fields: [],
			},
		});
	});

	test("RFC 9110 §9.3.1: a rule of another RFC says so", () => {
		expect(fail("request-with-body").failure.section).toBe("RFC 9110 §9.3.1");
	});

	test("the client's role has no status and no fields", () => {
		expect(fail("wrong-accept").failure).toMatchObject({ status: 0, fields: [] });
	});
});
