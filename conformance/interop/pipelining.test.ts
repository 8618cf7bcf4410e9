import { afterEach, describe, expect, test } from "vitest";
import { encodeFrame, frame } from "../arbitraries/frames.ts";
import { concat, latin1 } from "../arbitraries/octets.ts";
import { handshake, portOf, RawClient } from "../raw-client.ts";
import { type EchoServer, serveEcho } from "./echo-server.ts";

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`;

/** What stands behind the heads. */
function bodies(text: string): string[] {
	return [...text.matchAll(/\[[^\]]*\]/g)].map(String);
}

describe("requests pipelined on a raw socket (RFC 9112 §9.3.2)", () => {
	let echo: EchoServer;

	afterEach(() => echo.close());

	test("are answered in their order", async () => {
		echo = await serveEcho({ fetch: (request) => new Response(`[${new URL(request.url).pathname}]`) });
		const client = await RawClient.open(portOf(echo.server));
		client.write(Array.from({ length: 50 }, (_, i) => get(`/${i}`)).join(""));
		const text = await client.until(/\[\/49\]/);
		expect(bodies(text)).toEqual(Array.from({ length: 50 }, (_, i) => `[/${i}]`));
		await client.close();
	});

	test("a slow answer holds the later ones back", async () => {
		const answers: (() => void)[] = [];
		const asked: string[] = [];
		echo = await serveEcho({
			fetch(request) {
				const { pathname } = new URL(request.url);
				asked.push(pathname);
				if (pathname !== "/slow") return new Response(`[${pathname}]`);
				return new Promise((resolve) => answers.push(() => resolve(new Response("[/slow]"))));
			},
		});
		const client = await RawClient.open(portOf(echo.server));
		client.write(get("/first") + get("/slow") + get("/last"));
		await client.until(/\[\/first\]/);
		// Another connection is answered meanwhile, and by then the slow request is under way.
		const other = await RawClient.open(portOf(echo.server));
		other.write(get("/other"));
		await other.until(/\[\/other\]/);
		expect(asked).toEqual(["/first", "/slow", "/other"]);
		answers[0]?.();
		expect(bodies(await client.until(/\[\/last\]/))).toEqual(["[/first]", "[/slow]", "[/last]"]);
		await Promise.all([client.close(), other.close()]);
	});

	test("a body that nobody reads does not disturb the next request", async () => {
		echo = await serveEcho({ fetch: (request) => new Response(`[${new URL(request.url).pathname}]`) });
		const client = await RawClient.open(portOf(echo.server));
		client.write(`POST /ignored HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 26\r\n\r\n${get("/x").slice(0, 26)}`);
		client.write(get("/next"));
		expect(bodies(await client.until(/\[\/next\]/))).toEqual(["[/ignored]", "[/next]"]);
		await client.close();
	});

	test("then a handshake and frames, all in one write", async () => {
		echo = await serveEcho({ fetch: (request) => new Response(`[${new URL(request.url).pathname}]`) });
		const client = await RawClient.open(portOf(echo.server));
		client.write(
			concat([
				latin1(get("/plain") + handshake(portOf(echo.server))),
				encodeFrame(frame(0x1, "right behind"), "server"),
				encodeFrame(frame(0x8, ""), "server"),
			]),
		);
		await client.ended;
		expect(client.text).toMatch(/\[\/plain\]/);
		expect(client.text).toMatch(/HTTP\/1\.1 101 Switching Protocols\r\n/);
		// The echo and the Close frame, and nothing else, behind the 101's head.
		expect(client.text.split("\r\n\r\n").at(-1)).toBe("\x81\x0cright behind\x88\x00");
		await client.close();
	});
});
