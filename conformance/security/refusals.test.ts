import type { ServeOptions } from "@barewire/transport-node";
import { afterEach, describe, expect, test } from "vitest";
import { serveEcho } from "../interop/echo-server.ts";
import { handshake, portOf, RawClient } from "../raw-client.ts";

/** What ran, by path, and how to find out what a client gets. */
async function serveAndAsk(
	options: Partial<ServeOptions<undefined>>,
	octets: (port: number) => string,
): Promise<{ text: string; ran: string[] }> {
	const ran: string[] = [];
	const echo = await serveEcho({
		fetch(request) {
			ran.push(new URL(request.url).pathname);
			return new Response("ran");
		},
		...options,
	});
	try {
		const client = await RawClient.open(portOf(echo.server));
		client.write(octets(portOf(echo.server)));
		await client.ended;
		await client.close();
		return { text: client.text, ran };
	} finally {
		await echo.close();
	}
}

const SMUGGLED = "GET /smuggled HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";

// kemal#767: behind a proxy, what follows a refused upgrade may be somebody else's request, or frames.
describe("a refused upgrade closes: a request pipelined behind it never runs", () => {
	const refused = () => new Response("no", { status: 401 });

	test.each<[name: string, options: Partial<ServeOptions<undefined>>, status: number]>([
		["by `upgrade`", { upgrade: refused }, 401],
		["by an asynchronous `upgrade`", { upgrade: async () => refused() }, 401],
		["with 200", { upgrade: () => new Response("page") }, 200],
		["by an `upgrade` that throws", { upgrade: () => Promise.reject(new Error("broken")) }, 500],
	])("%s", async (_name, options, status) => {
		const { text, ran } = await serveAndAsk(options, (port) => handshake(port) + SMUGGLED);
		expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
		expect(text.match(/HTTP\/1\.1/g)).toHaveLength(1);
		expect(ran).toEqual([]);
	});

	test.each([
		["by its origin", ["Origin: http://example.com"], 403],
		["by a field that comes twice", ["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="], 400],
	])("%s", async (_name, fields, status) => {
		const { text, ran } = await serveAndAsk({}, (port) => handshake(port, ...fields) + SMUGGLED);
		expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
		expect(text.match(/HTTP\/1\.1/g)).toHaveLength(1);
		expect(ran).toEqual([]);
	});

	test("by its version", async () => {
		const { text, ran } = await serveAndAsk(
			{},
			(port) => handshake(port).replace("Version: 13", "Version: 8") + SMUGGLED,
		);
		expect(text).toMatch(/^HTTP\/1\.1 426 /);
		expect(text).toMatch(/^sec-websocket-version: 13\r$/im);
		expect(ran).toEqual([]);
	});
});

describe("a request that could be read in two ways is refused and closes: what is inside it never runs", () => {
	const POST = "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n";

	// RFC 9112 §6.3 item 3 and 5, §7.1, §2.2, §5.1, §5.2, §3.2; RFC 9110 §7.2.
	test.each([
		["two Content-Lengths", `${POST}Content-Length: 0\r\nContent-Length: 44\r\n\r\n`],
		["Content-Lengths in a list", `${POST}Content-Length: 0, 44\r\n\r\n`],
		[
			"Content-Length with Transfer-Encoding",
			`${POST}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
		],
		["Transfer-Encoding on 1.0", `${POST.replace("1.1", "1.0")}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
		["chunked not last", `${POST}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`],
		["chunked twice", `${POST}Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n`],
		["an unknown coding", `${POST}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`],
		["an empty chunk size", `${POST}Transfer-Encoding: chunked\r\n\r\n\r\n\r\n`],
		["a chunk size that overflows", `${POST}Transfer-Encoding: chunked\r\n\r\n10000000000000000\r\n\r\n`],
		["a chunk size with 0x", `${POST}Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n`],
		["a bad chunk end", `${POST}Transfer-Encoding: chunked\r\n\r\n1\r\naX0\r\n\r\n`],
		["a bare LF between chunks", `${POST}Transfer-Encoding: chunked\r\n\r\n1\na\r\n0\r\n\r\n`],
		["a bare LF between fields", `${POST}A: b\nContent-Length: 44\r\n\r\n`],
		["a bare CR in a field", `${POST}A: b\rContent-Length: 44\r\n\r\n`],
		["a space before the colon", `${POST}Content-Length : 44\r\n\r\n`],
		["a folded field", `${POST}A: b\r\n Content-Length: 44\r\n\r\n`],
		["a signed Content-Length", `${POST}Content-Length: +44\r\n\r\n`],
		["no Host", "GET / HTTP/1.1\r\n\r\n"],
		["two Hosts", `${POST}Host: 127.0.0.1\r\n\r\n`],
		["an empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n"],
	])("%s", async (_name, octets) => {
		const { text, ran } = await serveAndAsk({}, () => octets + SMUGGLED);
		// The one whose head is sound runs, and is cut off at its body.
		expect(ran).not.toContain("/smuggled");
		expect(text.match(/HTTP\/1\.1/g) ?? []).toHaveLength(1);
	});
});

// Vite before 6.0.9, webpack-dev-server, kemal#766.
describe("a page of another site may not connect by default", () => {
	const close: (() => Promise<void>)[] = [];

	afterEach(async () => {
		for (const each of close.splice(0)) await each();
	});

	async function answerTo(host: string, origin: string | null, options: Partial<ServeOptions<undefined>> = {}) {
		const echo = await serveEcho(options);
		close.push(() => echo.close());
		const client = await RawClient.open(portOf(echo.server));
		const fields = origin === null ? [] : [`Origin: ${origin}`];
		client.write(handshake(0, ...fields).replace("127.0.0.1:0", host));
		const text = await client.until(/\r\n\r\n/);
		client.socket.destroy();
		return Number(text.slice(9, 12));
	}

	test.each([
		["example.com", "http://example.com", 101],
		["example.com:8080", "http://example.com:8080", 101],
		["example.com:80", "http://example.com", 101],
		["EXAMPLE.com", "http://example.com", 101],
		["[::1]:8080", "http://[::1]:8080", 101],
		["example.com", null, 101],
		["example.com", "https://example.com", 403],
		["example.com", "http://example.com:8080", 403],
		["example.com:8080", "http://example.com", 403],
		["example.com", "http://example.com.evil.org", 403],
		["example.com", "http://notexample.com", 403],
		["example.com", "http://sub.example.com", 403],
		["example.com", "http://example.comx", 403],
		["example.com", "http://evil.org/example.com", 403],
		["example.com", "http://example.com@evil.org", 403],
		["example.com", "example.com", 403],
		["example.com", "null", 403],
		["example.com", "file://", 403],
		["example.com", "http://exa\u006dple.com http://evil.org", 403],
	])("at %s from %s: %i", async (host, origin, status) => {
		const answered = await answerTo(host, origin);
		// What is no origin at all may be called a bad request.
		expect(status === 403 ? [403, 400] : [status]).toContain(answered);
	});

	test.each([
		["https://example.com", 101],
		["https://EXAMPLE.com", 101],
		["https://example.com:443", 101],
		["https://example.com:8443", 403],
		["http://example.com", 403],
		["https://example.com.evil.org", 403],
		["null", 403],
	])("with `origins` naming https://example.com, from %s: %i", async (origin, status) => {
		expect(await answerTo("127.0.0.1", origin, { origins: ["https://example.com"] })).toBe(status);
	});

	test("`origins: any` lets everybody in", async () => {
		expect(await answerTo("example.com", "https://evil.org", { origins: "any" })).toBe(101);
	});
});
