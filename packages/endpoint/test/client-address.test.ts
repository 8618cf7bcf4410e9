import type { FieldLine } from "@barewire/http1";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ClientAddresses } from "../src/client-address.ts";
import type { ForwardingField } from "../src/forwarded.ts";
import type { Address } from "../src/stream.ts";

const tcp = (hostname: string): Address => ({ transport: "tcp", hostname, port: 50_000 });
const UNIX: Address = { transport: "unix", path: "" };

const TRUSTED = ["loopback", "10.0.0.0/8", "2001:db8:ffff::/48"];

function clientOf(field: ForwardingField, ...lines: readonly string[]): string {
	const clients = new ClientAddresses({ addresses: TRUSTED, field });
	return clients.of(
		tcp("127.0.0.1"),
		lines.map((line): FieldLine => [field, line]),
	);
}

describe("without trusted proxies, the client is the peer", () => {
	const clients = new ClientAddresses(undefined);
	const fields: FieldLine[] = [
		["forwarded", "for=192.0.2.1"],
		["x-forwarded-for", "192.0.2.1"],
	];

	test.each([
		["127.0.0.1", "127.0.0.1"],
		["::ffff:203.0.113.1", "203.0.113.1"],
		["::ffff:cb00:7101", "203.0.113.1"],
		["::1", "::1"],
		["2001:db8::1", "2001:db8::1"],
		["memory", "memory"],
		["", ""],
	])("%j is %j", (hostname, expected) => {
		expect(clients.of(tcp(hostname), fields)).toBe(expected);
		expect(clients.isProxy(tcp(hostname))).toBe(false);
	});

	test("a Unix domain socket has no address", () => {
		expect([clients.of(UNIX, fields), clients.isProxy(UNIX)]).toEqual(["", false]);
	});
});

describe("who is believed", () => {
	const fields: FieldLine[] = [
		["forwarded", "for=192.0.2.1"],
		["x-forwarded-for", "192.0.2.2"],
	];
	const of = (addresses: string[], peer: Address): string =>
		new ClientAddresses({ addresses, field: "x-forwarded-for" }).of(peer, fields);

	test("a peer that is listed", () => {
		expect(of(["loopback"], tcp("127.0.0.1"))).toBe("192.0.2.2");
		expect(of(["loopback"], tcp("::ffff:127.0.0.1"))).toBe("192.0.2.2");
		expect(of(["fe80::/10"], tcp("fe80::1%eth0"))).toBe("192.0.2.2");
		expect(of(["unix"], UNIX)).toBe("192.0.2.2");
	});

	test("and nobody else", () => {
		expect(of(["loopback"], tcp("203.0.113.1"))).toBe("203.0.113.1");
		expect(of(["loopback"], UNIX)).toBe("");
		expect(of(["unix"], tcp("127.0.0.1"))).toBe("127.0.0.1");
		expect(of([], tcp("127.0.0.1"))).toBe("127.0.0.1");
	});

	test("of the two fields, the one that is named", () => {
		expect(clientOf("forwarded")).toBe("127.0.0.1");
		const clients = new ClientAddresses({ addresses: ["loopback"], field: "forwarded" });
		expect(clients.of(tcp("127.0.0.1"), fields)).toBe("192.0.2.1");
		expect(clients.of(tcp("127.0.0.1"), fields.slice(1))).toBe("127.0.0.1");
	});
});

describe("X-Forwarded-For", () => {
	test.each<[lines: string[], client: string]>([
		[["192.0.2.1"], "192.0.2.1"],
		[["192.0.2.1:4711"], "192.0.2.1"],
		[["2001:DB8::1"], "2001:db8::1"],
		[["[2001:db8::1]"], "2001:db8::1"],
		[["[2001:db8::1]:4711"], "2001:db8::1"],
		[["::ffff:192.0.2.1"], "192.0.2.1"],
		// From the right: what stands left of the first that is not trusted was written by that one.
		[["6.6.6.6, 192.0.2.1"], "192.0.2.1"],
		[["6.6.6.6, 192.0.2.1, 10.0.0.1"], "192.0.2.1"],
		[["6.6.6.6", "192.0.2.1", "10.0.0.1,10.0.0.2"], "192.0.2.1"],
		[["192.0.2.1,\t ,,10.0.0.1,"], "192.0.2.1"],
		// Nobody but proxies: the farthest of them has asked.
		[["10.0.0.1, 10.0.0.2"], "10.0.0.1"],
		[[""], "127.0.0.1"],
		[[" , "], "127.0.0.1"],
		// What is no address: the proxy that told it is the last one that is known.
		[["unknown"], "127.0.0.1"],
		[["192.0.2.1, unknown"], "127.0.0.1"],
		[["192.0.2.1, unknown, 10.0.0.1"], "10.0.0.1"],
		[["192.0.2.1, 10.0.0.1 10.0.0.2"], "127.0.0.1"],
		[["192.0.2.1:"], "127.0.0.1"],
		[["192.0.2.1:123456"], "127.0.0.1"],
		[["[192.0.2.1]"], "127.0.0.1"],
		[["[::1"], "127.0.0.1"],
		[["192.0.2.01"], "127.0.0.1"],
		[['"192.0.2.1"'], "127.0.0.1"],
		[["example.com"], "127.0.0.1"],
	])("%j is %s", (lines, client) => {
		expect(clientOf("x-forwarded-for", ...lines)).toBe(client);
	});
});

describe("Forwarded (RFC 7239)", () => {
	test.each<[lines: string[], client: string]>([
		// Those of §4.
		[['for="_gazonk"'], "127.0.0.1"],
		[['For="[2001:db8:cafe::17]:4711"'], "2001:db8:cafe::17"],
		[["for=192.0.2.60;proto=http;by=203.0.113.43"], "192.0.2.60"],
		[["for=192.0.2.43, for=198.51.100.17"], "198.51.100.17"],
		// §6.3 and §6.1.
		[["for=_hidden, for=_SEVKISEK"], "127.0.0.1"],
		[["for=unknown"], "127.0.0.1"],
		[["for=6.6.6.6, for=unknown, for=10.0.0.1"], "10.0.0.1"],
		[['for="192.0.2.43:47011"'], "192.0.2.43"],
		[['for="192.0.2.43:_port"'], "192.0.2.43"],
		[['for="\\192.0.2.4\\3"'], "192.0.2.43"],
		[["for=6.6.6.6, for=192.0.2.1, for=10.0.0.1"], "192.0.2.1"],
		[["for=6.6.6.6", "for=192.0.2.1", 'by=_x;FOR="[2001:db8:ffff::1]"'], "192.0.2.1"],
		[["for=192.0.2.1 ; proto=https;;, ,"], "192.0.2.1"],
		[['host="a,b;for=6.6.6.6";for=192.0.2.1'], "192.0.2.1"],
		[['for=192.0.2.1;host="a\\", for=6.6.6.6, \\\\"'], "192.0.2.1"],
		[["for=10.0.0.2, for=10.0.0.1"], "10.0.0.2"],
		// Without the quotes that they need.
		[["for=192.0.2.1:4711"], "192.0.2.1"],
		[["for=[2001:db8::1]:4711"], "2001:db8::1"],
		// What the client has written can't swallow what the proxy has appended.
		[['for="6.6.6.6', "for=192.0.2.1"], "192.0.2.1"],
		[['for="6.6.6.6', 'for="[2001:db8::1]"'], "2001:db8::1"],
		[['for=6.6.6.6;x="', 'for="192.0.2.1";x="\\\\"'], "192.0.2.1"],
		[['for=6.6.6.6;x="\\', 'for="192.0.2.1"'], "192.0.2.1"],
		// Wrong.
		[["for=6.6.6.6, proto=https"], "127.0.0.1"],
		[["for=6.6.6.6, for=192.0.2.1;for=192.0.2.1"], "127.0.0.1"],
		[["for=6.6.6.6, for=192.0.2.1;proto"], "127.0.0.1"],
		[["for=6.6.6.6, for = 192.0.2.1"], "127.0.0.1"],
		[["for=6.6.6.6, for="], "127.0.0.1"],
		[['for=6.6.6.6, for=""'], "127.0.0.1"],
		[['for=6.6.6.6, for="192.0.2.1'], "127.0.0.1"],
		[['for=6.6.6.6, for=192.0.2.1"'], "127.0.0.1"],
		[['for=6.6.6.6, "for=192.0.2.1"'], "127.0.0.1"],
		[["192.0.2.1"], "127.0.0.1"],
		[['"'], "127.0.0.1"],
		[["\\"], "127.0.0.1"],
	])("%j is %s", (lines, client) => {
		expect(clientOf("forwarded", ...lines)).toBe(client);
	});
});

describe("whatever the client writes", () => {
	const part = fc.constantFrom(
		...['"', "\\", ",", ";", "=", "for", "for=", "For=", "by=", "unknown", "_x", "[", "]", ":", "::", ".", " ", "\t"],
		...["6.6.6.6", "10.0.0.1", "127.0.0.1", "2001:db8:ffff::1", '"[6::6]:6"', "6", "ffff", "%", "\u00a0", "\u00ff"],
	);
	const garbage = fc.array(part, { maxLength: 30 }).map((parts) => parts.join(""));
	/** How a proxy writes an address. */
	const written = (field: ForwardingField, address: string): fc.Arbitrary<string> =>
		field === "x-forwarded-for"
			? fc.constantFrom(address, `${address.includes(":") ? `[${address}]` : address}:4711`)
			: fc.constantFrom(
					`for="${address.includes(":") ? `[${address}]` : address}"`,
					`proto=https;for="${address.includes(":") ? `[${address}]:80` : `${address}:80`}"`,
					`for="${address.includes(":") ? `[${address}]` : address}";host="a\\"b\\\\"`,
				);
	const proxy = fc.constantFrom("10.0.0.1", "10.255.0.1", "127.0.0.1", "2001:db8:ffff::1");
	const client = fc.constantFrom("192.0.2.1", "198.51.100.7", "2001:db8::1");

	test.each(["forwarded", "x-forwarded-for"] as const)("%s never throws, and gives an address or the peer", (field) => {
		fc.assert(
			fc.property(fc.array(garbage, { maxLength: 4 }), (lines) => {
				expect(clientOf(field, ...lines)).toMatch(/^[\d.]+$|^[\da-f:]+$/);
			}),
			{ numRuns: 3_000 },
		);
	});

	test.each(["forwarded", "x-forwarded-for"] as const)(
		"%s: nothing left of the first that is not trusted is believed",
		(field) => {
			const chain = fc.tuple(client, fc.array(proxy, { maxLength: 3 })).chain(([first, proxies]) =>
				fc.record({
					first: fc.constant(first),
					nodes: fc.tuple(...[first, ...proxies].map((address) => written(field, address))),
				}),
			);
			fc.assert(
				fc.property(fc.array(garbage, { maxLength: 3 }), chain, fc.boolean(), (before, { first, nodes }, inOneLine) => {
					const lines = inOneLine ? [[...before, ...nodes].join(", ")] : [...before, ...nodes];
					expect(clientOf(field, ...lines)).toBe(first);
				}),
				{ numRuns: 3_000 },
			);
		},
	);

	// Quadratic, it would take hours.
	test.each(["forwarded", "x-forwarded-for"] as const)("%s: a long field takes linear time", (field) => {
		for (const piece of ['"', "\\", '\\"', '"\\', ",", ";", '",', "for=", " ", "\t;"])
			expect(clientOf(field, piece.repeat(200_000))).toBe("127.0.0.1");
	});
});
