import { isIP } from "node:net";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatIp, networkOf, parseIp, parsePeer } from "../src/ip-address.ts";

const canonical = (text: string): string | null => {
	const bytes = parseIp(text);
	return bytes === null ? null : formatIp(bytes);
};

describe("an address is read, and written as RFC 5952 has it", () => {
	test.each([
		["192.0.2.1", "192.0.2.1"],
		["0.0.0.0", "0.0.0.0"],
		["255.255.255.255", "255.255.255.255"],
		["::", "::"],
		["::1", "::1"],
		["1::", "1::"],
		["2001:DB8:0:0:0:0:0:1", "2001:db8::1"],
		["2001:0db8::0001", "2001:db8::1"],
		["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
		["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
		["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
		["1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"],
		["64:ff9b::192.0.2.33", "64:ff9b::c000:221"],
		["::ffff:1.2.3.4", "1.2.3.4"],
		["::FFFF:102:304", "1.2.3.4"],
		["0:0:0:0:0:ffff:1.2.3.4", "1.2.3.4"],
		["::1.2.3.4", "::102:304"],
	])("%s is %s", (text, expected) => {
		expect(canonical(text)).toBe(expected);
	});

	test.each([
		...[
			"",
			"1.2.3",
			"1.2.3.4.5",
			"1.2.3.256",
			"01.2.3.4",
			"1.2.3.4 ",
			" 1.2.3.4",
			"1.2.3.-4",
			"1.2.3.4e0",
			"0x1.2.3.4",
		],
		...[":", ":::", "1:::2", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "12345::", "g::"],
		...[":1:2:3:4:5:6:7", "1:2:3:4:5:6:7:", "::1.2.3", "1.2.3.4::", "::1.2.3.4:5", "[::1]", "::1%lo", "localhost"],
	])("%j is none", (text) => {
		expect(parseIp(text)).toBe(null);
	});

	test("as node:net sees it, whatever the text", () => {
		const part = fc.constantFrom(
			"::",
			":",
			".",
			"0",
			"1",
			"255",
			"256",
			"ffff",
			"2001",
			"abcde",
			"1.2.3.4",
			"%",
			"/",
			" ",
		);
		fc.assert(
			fc.property(fc.array(part, { maxLength: 17 }), (parts) => {
				const text = parts.join("");
				expect(parseIp(text) !== null).toBe(!text.includes("%") && isIP(text) !== 0);
			}),
			{ numRuns: 5_000 },
		);
	});

	test("what is written is read again", () => {
		const bytes = (length: number) => fc.array(fc.constantFrom(0, 0, 1, 255), { minLength: length, maxLength: length });
		fc.assert(
			fc.property(fc.oneof(bytes(4), bytes(16)), (address) => {
				const text = formatIp(address);
				expect(isIP(text)).not.toBe(0);
				expect(formatIp(parseIp(text) ?? [])).toBe(
					parseIp(text)?.length === address.length ? text : formatIp(address.slice(12)),
				);
			}),
		);
	});
});

test("a runtime may tell a zone", () => {
	expect(parsePeer("fe80::1%eth0")).toEqual(parseIp("fe80::1"));
});

test.each([
	["192.0.2.1", "192.0.2.1"],
	["::ffff:192.0.2.1", "192.0.2.1"],
	["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
	["2001:db8:1:2::", "2001:db8:1:2::/64"],
	["::1", "::/64"],
	["fe80::1%eth0", "fe80::/64"],
	["memory", "memory"],
])("%s counts as %s", (address, expected) => {
	expect(networkOf(address)).toBe(expected);
});
