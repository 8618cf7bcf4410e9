import { describe, expect, test } from "vitest";
import { type ExtensionParameters, parseExtensionList } from "../src/extension-list.ts";
import {
	type ClientExtension,
	negotiateExtensions,
	offerExtensions,
	type ServerExtension,
} from "../src/negotiation.ts";

/** An extension that takes any offer without the parameter `bad`, and notes which offers it was shown. */
function lenient(name: string, shown: ExtensionParameters["params"][] = []): ServerExtension<string> {
	return {
		name,
		answer(offer) {
			shown.push(offer);
			if (offer.some(([param]) => param === "bad")) return null;
			return { params: [["ok", null]], extension: `${name} in use` };
		},
	};
}

const offers = (value: string): ExtensionParameters[] => parseExtensionList(value)!;

describe("negotiateExtensions", () => {
	test("RFC 6455 §9.1: the client's order is the order of preference, and of the answer", () => {
		const result = negotiateExtensions(offers("b, a"), [lenient("a"), lenient("b")]);
		expect(result.extensions).toEqual(["b in use", "a in use"]);
		expect(result.answer).toEqual([
			{ name: "b", params: [["ok", null]] },
			{ name: "a", params: [["ok", null]] },
		]);
	});

	test("RFC 6455 §9: an extension that nobody offers is not used", () => {
		expect(negotiateExtensions([], [lenient("a")])).toEqual({ extensions: [], answer: [] });
	});

	test("RFC 6455 §9.1: an offer that nobody supports is passed over", () => {
		expect(negotiateExtensions(offers("x, a, y"), [lenient("a")]).extensions).toEqual(["a in use"]);
	});

	test("RFC 7692 §5.1: an offer that is declined leaves the next offer of the same extension", () => {
		const shown: ExtensionParameters["params"][] = [];
		const result = negotiateExtensions(offers("a; bad, a; good, a"), [lenient("a", shown)]);
		expect(shown).toEqual([[["bad", null]], [["good", null]]]);
		expect(result.answer).toEqual([{ name: "a", params: [["ok", null]] }]);
	});

	test("all offers declined: none is used", () => {
		expect(negotiateExtensions(offers("a; bad, a; bad=1"), [lenient("a")])).toEqual({ extensions: [], answer: [] });
	});

	test("names compare exactly: an offer in another case is another extension", () => {
		expect(negotiateExtensions(offers("A"), [lenient("a")]).extensions).toEqual([]);
	});

	test("an offer named like a member of Object.prototype finds no extension", () => {
		expect(negotiateExtensions(offers("constructor, __proto__; toString"), [lenient("a")]).answer).toEqual([]);
		expect(negotiateExtensions(offers("__proto__"), [lenient("__proto__")]).extensions).toEqual(["__proto__ in use"]);
	});

	test("an instance may be any value, a falsy one too", () => {
		const zero: ServerExtension<number> = { name: "a", answer: () => ({ params: [], extension: 0 }) };
		expect(negotiateExtensions(offers("a"), [zero]).extensions).toEqual([0]);
	});
});

test("offerExtensions: each set of parameters is an offer, in the order of preference", () => {
	const extension: ClientExtension<null> = {
		name: "a",
		offers: () => [[["x", "1"]], []],
		confirm: () => ({ ok: true, create: () => null }),
	};
	const silent: ClientExtension<null> = {
		name: "b",
		offers: () => [],
		confirm: () => ({ ok: true, create: () => null }),
	};
	expect(offerExtensions([extension, silent])).toEqual([
		{ name: "a", params: [["x", "1"]] },
		{ name: "a", params: [] },
	]);
});
