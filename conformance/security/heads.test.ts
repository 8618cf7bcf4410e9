import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type EchoServer, serveEcho } from "../interop/echo-server.ts";
import { handshake, portOf, RawClient } from "../raw-client.ts";

let echo: EchoServer;

afterEach(async () => {
	await echo.close();
	expect(echo.errors).toEqual([]);
});

async function answerTo(octets: string): Promise<string> {
	const client = await RawClient.open(portOf(echo.server));
	client.write(octets);
	await client.ended;
	await client.close();
	return client.text;
}

const GET = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n";

describe("heads that are too much", () => {
	beforeEach(async () => {
		echo = await serveEcho({ fetch: () => new Response("hello") });
	});

	test.each([
		["a request line beyond the limit", `GET /${"a".repeat(9_000)} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`, 414],
		["a request line without an end", `GET /${"a".repeat(1_000_000)}`, 414],
		["a field line beyond the limit", `${GET}A: ${"a".repeat(9_000)}\r\n\r\n`, 431],
		["a field line without an end", `${GET}A: ${"a".repeat(1_000_000)}`, 431],
		["more fields than the limit", `${GET}${"a: b\r\n".repeat(100)}\r\n`, 431],
		["a head beyond the limit", `${GET}${`a: ${"b".repeat(1_000)}\r\n`.repeat(17)}\r\n`, 431],
		["a head without an end", `${GET}${`a: ${"b".repeat(1_000)}\r\n`.repeat(1_000)}`, 431],
		["empty lines without an end", "\r\n".repeat(100_000), 400],
	])("%s: %#", async (_name, octets, status) => {
		expect(await answerTo(octets)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
	});

	// CVE-2024-37890
	test("a handshake with more fields than the limit", async () => {
		const fields = Array.from({ length: 101 }, (_, i) => `a${i}: b`);
		expect(await answerTo(handshake(portOf(echo.server), ...fields))).toMatch(/^HTTP\/1\.1 431 /);
	});

	// CVE-2023-43669: were the head parsed again from its start for each octet, this would be 100 million steps.
	test("a large head that comes octet by octet is read", async () => {
		const client = await RawClient.open(portOf(echo.server));
		const octets = Buffer.from(`${GET}${`a: ${"b".repeat(1_000)}\r\n`.repeat(14)}\r\n`);
		for (let at = 0; at < octets.length; at++) client.write(octets.subarray(at, at + 1));
		expect(await client.until(/hello/)).toMatch(/^HTTP\/1\.1 200 /);
		await client.close();
	});

	// CVE-2020-7662, CVE-2021-32640
	test.each([
		["unclosed quotes with repeated escapes", `a; b="${"\\\\".repeat(3_900)}`],
		["long runs of spaces", `a${" ".repeat(7_900)}b`],
		["long runs of commas", `${",".repeat(7_900)} a b`],
	])("extensions with %s", async (_name, value) => {
		const answer = await answerTo(handshake(portOf(echo.server), `Sec-WebSocket-Extensions: ${value}`));
		expect(answer).toMatch(/^HTTP\/1\.1 400 /);
	});
});

describe("heads that ask for half a switch", () => {
	beforeEach(async () => {
		echo = await serveEcho({ fetch: () => new Response("hello") });
	});

	test("a stray `Upgrade: websocket` gets an answer", async () => {
		expect(await answerTo(`${GET}Upgrade: websocket\r\nConnection: close\r\n\r\n`)).toMatch(/^HTTP\/1\.1 (200|4\d\d) /);
	});

	test("`Connection: Upgrade` without an Upgrade field is an ordinary request", async () => {
		expect(await answerTo(`${GET}Connection: Upgrade, close\r\n\r\n`)).toMatch(/^HTTP\/1\.1 200 /);
	});

	// nodejs/node#57054, ws#1673
	test("`Upgrade: h2c` is an ordinary request", async () => {
		const fields = "Connection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n";
		expect(await answerTo(`${GET}${fields}\r\n`)).toMatch(/^HTTP\/1\.1 200 /);
	});

	test.each(["constructor", "__proto__", "toString", "__proto__; __proto__=1"])(
		"an extension named %s is just a name",
		async (name) => {
			const client = await RawClient.open(portOf(echo.server));
			client.write(handshake(portOf(echo.server), `Sec-WebSocket-Extensions: ${name}`, `${name.slice(0, 9)}: x`));
			expect(await client.until(/\r\n\r\n/)).toMatch(/^HTTP\/1\.1 101 (?![\s\S]*sec-websocket-extensions)/i);
			await client.close();
		},
	);
});

describe("time", () => {
	beforeEach(async () => {
		echo = await serveEcho({ timeouts: { handshake: 500, httpIdle: 500 }, fetch: () => new Response("hello") });
	});

	test("a client that says nothing is let go without a word", async () => {
		expect(await answerTo("")).toBe("");
	});

	test("a head that is not completed is answered with 408", async () => {
		expect(await answerTo(GET)).toMatch(/^HTTP\/1\.1 408 /);
	});

	test("a connection that is kept alive for nothing is let go", async () => {
		const answer = await answerTo(`${GET}\r\n`);
		expect(answer).toMatch(/^HTTP\/1\.1 200 /);
		expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1);
	});
});

// CVE-2026-55517
test("octets above 7F in a response's field go out as they are", async () => {
	echo = await serveEcho({ fetch: () => new Response("hello", { headers: { "x-name": "é\xff" } }) });
	expect(await answerTo(`${GET}Connection: close\r\n\r\n`)).toMatch(/^x-name: \xe9\xff\r$/im);
});
