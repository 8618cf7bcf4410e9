import { expect, it } from "vitest";
import { reasonPhrase } from "../src/index.ts";

it("RFC 9110 §15, RFC 6585: gives the status its phrase, and nothing for one that it doesn't know", () => {
	expect([101, 413, 426, 429, 599].map(reasonPhrase)).toEqual([
		"Switching Protocols",
		"Content Too Large",
		"Upgrade Required",
		"Too Many Requests",
		"",
	]);
});
