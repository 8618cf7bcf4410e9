import { describe, expect, test } from "vitest";
import { AddressRanges, isAddressRange } from "../src/address-ranges.ts";
import { parseIp } from "../src/ip-address.ts";

const has = (ranges: readonly string[], address: string): boolean =>
	new AddressRanges(ranges).has(parseIp(address) ?? []);

describe("a range has the addresses that begin with its prefix", () => {
	test.each([
		["10.0.0.0/8", "10.255.255.255", "11.0.0.0"],
		["10.1.2.3/8", "10.0.0.0", "9.255.255.255"],
		["192.0.2.128/25", "192.0.2.128", "192.0.2.127"],
		["192.0.2.4/30", "192.0.2.7", "192.0.2.8"],
		["192.0.2.1", "192.0.2.1", "192.0.2.0"],
		["192.0.2.1/32", "192.0.2.1", "192.0.2.2"],
		["0.0.0.0/0", "203.0.113.1", "2001:db8::1"],
		["::/0", "2001:db8::1", "203.0.113.1"],
		["2001:db8::/33", "2001:db8:7fff::1", "2001:db8:8000::1"],
		["::1", "::1", "::2"],
		["::ffff:10.0.0.0/104", "10.1.1.1", "11.0.0.0"],
		["::ffff:192.0.2.1", "192.0.2.1", "192.0.2.2"],
		["10.0.0.0/8", "::ffff:10.1.1.1", "::10.1.1.1"],
		["loopback", "127.1.2.3", "128.0.0.1"],
		["loopback", "::1", "::"],
		["private", "172.31.255.255", "172.32.0.0"],
		["private", "fdff::1", "fe80::1"],
		["private", "192.168.1.1", "127.0.0.1"],
		["private", "10.0.0.1", "169.254.0.1"],
	])("%s has %s, and not %s", (range, inside, outside) => {
		expect(isAddressRange(range)).toBe(true);
		expect([has([range], inside), has([range], outside)]).toEqual([true, false]);
	});

	test("several ranges have what each of them has", () => {
		const ranges = ["192.0.2.1", "loopback", "2001:db8::/32"];
		expect(["192.0.2.1", "127.0.0.1", "2001:db8::1", "192.0.2.2"].map((each) => has(ranges, each))).toEqual([
			true,
			true,
			true,
			false,
		]);
	});

	test("`unix` has no address", () => {
		expect([new AddressRanges(["unix"]).hasUnix, new AddressRanges(["loopback"]).hasUnix]).toEqual([true, false]);
		expect(has(["unix"], "127.0.0.1")).toBe(false);
	});
});

test.each([
	...[
		"",
		"localhost",
		"10.0.0.0/",
		"10.0.0.0/33",
		"10.0.0.0/8/8",
		"10.0.0/8",
		"10.0.0.0/-1",
		"10.0.0.0/1e1",
		"10.0.0.0/ 8",
	],
	...["::/129", "::ffff:0.0.0.0/95", "[::1]", "::1%lo", "toString", "*", 5, null],
])("%j is no range", (range) => {
	expect(isAddressRange(range)).toBe(false);
});
