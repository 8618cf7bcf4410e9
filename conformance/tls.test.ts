import { once } from "node:events";
import { connect as connectTls } from "node:tls";
import { type ConnectionInfo, connect, serve } from "@barewire/transport-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket as WsWebSocket } from "ws";
import { failure } from "./failure.ts";
import { LOCALHOST, OTHER } from "./fixtures/certificates.ts";
import { type EchoServer, serveEcho } from "./interop/echo-server.ts";
import { portOf, RawClient } from "./raw-client.ts";

const { cert: ca } = LOCALHOST;

describe("over TLS", () => {
	let echo: EchoServer;
	const seen: ConnectionInfo[] = [];

	beforeAll(async () => {
		echo = await serveEcho({
			tls: LOCALHOST,
			fetch(request, info) {
				seen.push(info);
				return new Response(request.url);
			},
		});
	});

	afterAll(async () => {
		await echo.close();
		expect(echo.errors).toEqual([]);
	});

	async function stillServes(): Promise<void> {
		const client = await connect(echo.url, { tls: { ca } });
		const socket = await echo.opened.next();
		client.send("still here");
		expect(await client[Symbol.asyncIterator]().next()).toEqual({ done: false, value: "still here" });
		client.close(1000);
		expect(await socket.closed).toMatchObject({ code: 1000, wasClean: true });
	}

	test("a message goes round, and both ends know that the hop is secure", async () => {
		const client = await connect(echo.url, { tls: { ca } });
		const socket = await echo.opened.next();
		expect([client.secure, socket.secure]).toEqual([true, true]);
		const message = new Uint8Array(1024 * 1024).fill(7);
		client.send(message);
		const { value } = await client[Symbol.asyncIterator]().next();
		expect(Buffer.compare(value as Uint8Array, message)).toBe(0);
		client.close(4000, "done");
		expect(await socket.closed).toMatchObject({ code: 4000, reason: "done", wasClean: true });
		expect(await client.closed).toMatchObject({ code: 4000, wasClean: true });
	});

	test("without a limit for the handshake", async () => {
		const patient = await serveEcho({ tls: LOCALHOST, timeouts: { handshake: Number.POSITIVE_INFINITY } });
		const client = await connect(patient.url, { tls: { ca } });
		client.close(1000);
		expect(await client.closed).toMatchObject({ wasClean: true });
		await patient.close();
	});

	test("by its name instead of its address", async () => {
		const byName = await serveEcho({ tls: LOCALHOST, hostname: "localhost" });
		const client = await connect(`wss://localhost:${portOf(byName.server)}/`, { tls: { ca: [OTHER.cert, ca] } });
		client.close(1000);
		expect(await client.closed).toMatchObject({ wasClean: true });
		await byName.close();
	});

	test("the client of ws", async () => {
		const client = new WsWebSocket(echo.url, { ca });
		await once(client, "open");
		const socket = await echo.opened.next();
		client.send("from ws");
		expect(String((await once(client, "message"))[0])).toBe("from ws");
		client.close(1000);
		expect(await socket.closed).toMatchObject({ code: 1000, wasClean: true });
	});

	test("ordinary HTTP on the same port", async () => {
		const client = connectTls({ port: portOf(echo.server), host: "127.0.0.1", ca });
		await once(client, "secureConnect");
		client.write("GET /page HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
		let text = "";
		for await (const chunk of client.setEncoding("latin1")) text += chunk;
		expect(text).toContain("https://127.0.0.1/page");
		expect(seen.at(-1)?.secure).toBe(true);
	});

	test.each([
		["a page of the same origin", "https", 101],
		["a page of another scheme", "http", 403],
	])("%s gets %s %i", async (_name, scheme, status) => {
		const client = new WsWebSocket(echo.url, { ca, origin: `${scheme}://${echo.authority}` });
		const answer = await new Promise((resolve) => {
			client.once("open", () => resolve(101));
			client.once("unexpected-response", (_request, response) => resolve(response.statusCode));
		});
		expect(answer).toBe(status);
		client.on("error", () => {});
		client.terminate();
		if (status === 101) await (await echo.opened.next()).closed;
	});

	test("a certificate that nobody vouches for is not trusted", async () => {
		expect(await failure(() => connect(echo.url))).toEqual({
			name: "TransportError",
			code: "ERR_TLS_CERTIFICATE",
			message: `cannot connect to ${echo.authority}: the peer's certificate is not trusted, or is not for that name`,
		});
		await stillServes();
	});

	test("a certificate for another name is not trusted", async () => {
		const other = await serveEcho({ tls: OTHER });
		expect(await failure(() => connect(other.url, { tls: { ca: OTHER.cert } }))).toMatchObject({
			name: "TransportError",
			code: "ERR_TLS_CERTIFICATE",
		});
		await other.close();
	});

	test("plaintext on the TLS port", async () => {
		const shown = await failure(() => connect(echo.url.replace("wss:", "ws:")));
		expect([
			["TransportError", "ERR_CONNECTION_RESET"],
			["HandshakeError", "ERR_HANDSHAKE_ENDED"],
			// A TLS alert is no HTTP.
			["HandshakeError", "ERR_HANDSHAKE_INVALID"],
		]).toContainEqual([shown.name, shown.code]);
		await stillServes();
	});

	test("TLS on a plaintext port", async () => {
		const plain = await serveEcho();
		expect(await failure(() => connect(plain.url.replace("ws:", "wss:"), { tls: { ca } }))).toMatchObject({
			name: "TransportError",
			code: "ERR_TLS",
		});
		await plain.close();
	});

	// The first octets of a ClientHello, and some that are none.
	const BEGINNINGS = ["", "\x16", "\x16\x03\x01\x02\x00\x01\x00", "\xff".repeat(600), "GET / HTTP/1.1\r\n\r\n"];

	test("resets in the middle of the TLS handshake", async () => {
		for (const octets of BEGINNINGS) {
			const client = await RawClient.open(portOf(echo.server));
			client.write(octets);
			await client.reset();
		}
		await stillServes();
	});

	// A client that says nothing must not hold a socket for ever, nor outlive `timeouts.handshake`.
	test.each(BEGINNINGS)(
		"a client that never completes the TLS handshake is cut off: %j",
		{ timeout: 10_000 },
		async (octets) => {
			const hasty = await serveEcho({ tls: LOCALHOST, timeouts: { handshake: 50 } });
			const [waiting, ended] = await Promise.all([
				RawClient.open(portOf(hasty.server)),
				RawClient.open(portOf(hasty.server)),
			]);
			waiting.write(octets);
			ended.write(octets);
			ended.socket.end();
			await Promise.all([waiting.ended, ended.ended]);
			waiting.socket.destroy();
			ended.socket.destroy();
			await hasty.close();
		},
	);

	test.each([
		["a key that does not belong to the certificate", { key: OTHER.key, cert: LOCALHOST.cert }],
		["a key that is no PEM", { key: "key", cert: LOCALHOST.cert }],
		["a certificate that is no PEM", { key: LOCALHOST.key, cert: "certificate" }],
		["octets that are no PEM", { key: new Uint8Array(8), cert: new Uint8Array(8) }],
	])("%s can't serve", async (_name, tls) => {
		expect(await failure(() => serve({ port: 0, tls }))).toEqual({
			name: "TransportError",
			code: "ERR_TLS_KEY",
			message: "cannot listen on 127.0.0.1:0: the TLS key and certificate can't be read or don't belong together",
		});
	});

	test("an authority that is no PEM", async () => {
		expect(await failure(() => connect(echo.url, { tls: { ca: "authority" } }))).toMatchObject({
			name: "TransportError",
		});
	});
});
