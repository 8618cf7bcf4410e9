import { expect, test } from "vitest";
import { Abortion } from "../src/abortion.ts";
import { Exchange, type ExchangeOwner } from "../src/exchange.ts";

const GET = { method: "GET", target: "/", version: "1.1", fields: [["host", "a"]] } as const;

/** Of a GET, whose owner is asked for nothing but whether the stream is secure. */
function exchange(): Exchange {
	const owner = { secure: false } as unknown as ExchangeOwner;
	return new Exchange(owner, {
		type: "request",
		head: GET,
		body: { kind: "none" },
		upgrade: null,
		expectsContinue: false,
	});
}

// A server that closes while the answer is under way, and then a client that leaves.
test("aborted a second time, a request shows the first reason", () => {
	const one = exchange();
	const request = one.request();
	const copy = new Request(request);
	one.abort("the first");
	one.abort("the second");
	for (const { signal } of [request, copy, new Request(request)])
		expect([signal.aborted, signal.reason]).toMatchObject([true, { name: "AbortError", message: "the first" }]);
	expect(one.causedByAbort(request.signal.reason)).toBe(true);
});

test("what fails without an abort was not caused by one", () => {
	const one = exchange();
	for (const error of [new Error("a defect"), null, undefined]) expect(one.causedByAbort(error)).toBe(false);
});

test("a signal that nobody asked for is aborted when it is made", () => {
	const abortion = new Abortion();
	expect([abortion.abort("gone"), abortion.abort("again")]).toEqual([true, false]);
	const { signal } = abortion;
	expect([signal.aborted, signal.reason, abortion.signal]).toEqual([true, abortion.reason, signal]);
});
