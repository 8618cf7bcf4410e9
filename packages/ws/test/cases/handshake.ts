import { expect, test } from "vitest";
import { ACCEPT, type HandshakeFields, type Kit, next, requestText } from "../kit.ts";

/** The answer to a handshake with these fields. */
async function answer(kit: Kit, fields: HandshakeFields, start?: string): Promise<string> {
	const server = await kit.serve();
	const raw = kit.raw(server);
	raw.socket.write(requestText(fields, start));
	return raw.ended();
}

const BAD = "HTTP/1.1 400 Bad Request";

function startAndBody(text: string): [string, string] {
	const [head = "", body = ""] = text.split("\r\n\r\n");
	return [head.split("\r\n")[0] as string, body];
}

export function handshakeCases(kit: Kit): void {
	test("the answer to a right one", async () => {
		const server = await kit.serve();
		const raw = kit.raw(server);
		raw.socket.write(requestText());
		expect(await raw.head()).toBe(
			`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${ACCEPT}\r\n\r\n`,
		);
	});

	test("a method that is not GET gets 405", async () => {
		const text = await answer(kit, {}, "POST / HTTP/1.1");
		expect(startAndBody(text)).toEqual(["HTTP/1.1 405 Method Not Allowed", "Invalid HTTP method"]);
	});

	test("another upgrade gets 400", async () => {
		const text = await answer(kit, { Upgrade: "foo" });
		expect(startAndBody(text)).toEqual([BAD, "Invalid Upgrade header"]);
	});

	test("no key gets 400", async () => {
		const text = await answer(kit, { "Sec-WebSocket-Key": undefined });
		expect(startAndBody(text)).toEqual([BAD, "Missing or invalid Sec-WebSocket-Key header"]);
	});

	test("a short key gets 400", async () => {
		const text = await answer(kit, { "Sec-WebSocket-Key": "YWJj" });
		expect(startAndBody(text)).toEqual([BAD, "Missing or invalid Sec-WebSocket-Key header"]);
	});

	test("no version gets 400", async () => {
		const text = await answer(kit, { "Sec-WebSocket-Version": undefined });
		expect(startAndBody(text)).toEqual([BAD, "Missing or invalid Sec-WebSocket-Version header"]);
	});

	test("another version gets 400, and is told which there are", async () => {
		const text = await answer(kit, { "Sec-WebSocket-Version": "12" });
		expect(startAndBody(text)).toEqual([BAD, "Missing or invalid Sec-WebSocket-Version header"]);
		expect(text).toMatch(/\r\nSec-WebSocket-Version: 13\b/);
	});

	test("a subprotocol that comes twice gets 400", async () => {
		const text = await answer(kit, { "Sec-WebSocket-Protocol": "a, a" });
		expect(startAndBody(text)).toEqual([BAD, "Invalid Sec-WebSocket-Protocol header"]);
	});

	test("a subprotocol that is no token gets 400", async () => {
		const text = await answer(kit, { "Sec-WebSocket-Protocol": "a b" });
		expect(startAndBody(text)).toEqual([BAD, "Invalid Sec-WebSocket-Protocol header"]);
	});

	test("a refusal ends the connection, and says so", async () => {
		const text = await answer(kit, { Upgrade: "foo" });
		expect(text).toContain("\r\nConnection: close\r\n");
		expect(text).toContain("\r\nContent-Length: 22\r\n");
	});

	test("the name of the upgrade may be written in capitals", async () => {
		const server = await kit.serve();
		const raw = kit.raw(server);
		raw.socket.write(requestText({ Upgrade: "WebSocket" }));
		expect(await raw.head()).toMatch(/^HTTP\/1\.1 101 /);
	});

	test("a subprotocol of the client is in the answer", async () => {
		const server = await kit.serve();
		const raw = kit.raw(server);
		raw.socket.write(requestText({ "Sec-WebSocket-Protocol": "a, b" }));
		expect(await raw.head()).toContain("\r\nSec-WebSocket-Protocol: a\r\n");
	});

	test("handleProtocols that gives false chooses none", async () => {
		const server = await kit.serve({ handleProtocols: () => false });
		const raw = kit.raw(server);
		raw.socket.write(requestText({ "Sec-WebSocket-Protocol": "a" }));
		expect(await raw.head()).not.toContain("Sec-WebSocket-Protocol");
	});

	test("an extension that nobody knows is not in the answer", async () => {
		const server = await kit.serve({ perMessageDeflate: true });
		const raw = kit.raw(server);
		raw.socket.write(requestText({ "Sec-WebSocket-Extensions": "foo; bar=1" }));
		expect(await raw.head()).not.toContain("Sec-WebSocket-Extensions");
	});

	test("permessage-deflate is not in the answer unless it is asked for", async () => {
		const server = await kit.serve();
		const raw = kit.raw(server);
		raw.socket.write(requestText({ "Sec-WebSocket-Extensions": "permessage-deflate" }));
		expect(await raw.head()).not.toContain("Sec-WebSocket-Extensions");
	});

	test("perMessageDeflate takes an offer", async () => {
		const server = await kit.serve({ perMessageDeflate: true });
		const raw = kit.raw(server);
		raw.socket.write(requestText({ "Sec-WebSocket-Extensions": "permessage-deflate" }));
		expect(await raw.head()).toContain("\r\nSec-WebSocket-Extensions: permessage-deflate\r\n");
	});

	test("serverNoContextTakeover is in the answer", async () => {
		const server = await kit.serve({ perMessageDeflate: { serverNoContextTakeover: true } });
		const raw = kit.raw(server);
		raw.socket.write(requestText({ "Sec-WebSocket-Extensions": "permessage-deflate" }));
		expect(await raw.head()).toContain(
			"\r\nSec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover\r\n",
		);
	});

	test("clientNoContextTakeover is in the answer", async () => {
		const server = await kit.serve({ perMessageDeflate: { clientNoContextTakeover: true } });
		const raw = kit.raw(server);
		raw.socket.write(requestText({ "Sec-WebSocket-Extensions": "permessage-deflate" }));
		expect(await raw.head()).toContain(
			"\r\nSec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover\r\n",
		);
	});

	test("clientMaxWindowBits is in the answer where the client can be told", async () => {
		const server = await kit.serve({ perMessageDeflate: { clientMaxWindowBits: 10 } });
		const raw = kit.raw(server);
		raw.socket.write(requestText({ "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits" }));
		expect(await raw.head()).toContain("permessage-deflate; client_max_window_bits=10");
	});

	test("wsClientError takes the place of the answer", async () => {
		const server = await kit.serve();
		server.on("wsClientError", (error, socket) => socket.end(`HTTP/1.1 418 ${error.message}\r\n\r\n`));
		const raw = kit.raw(server);
		raw.socket.write(requestText({ Upgrade: "foo" }));
		expect(await raw.ended()).toBe("HTTP/1.1 418 Invalid Upgrade header\r\n\r\n");
	});

	test("wsClientError gets the error, the socket and the request", async () => {
		const server = await kit.serve();
		const told = next(server, "wsClientError");
		const raw = kit.raw(server);
		raw.socket.write(requestText({ "Sec-WebSocket-Key": "x" }));
		const [error, socket, request] = (await told) as [Error, { destroy(): void }, { url: string }];
		socket.destroy();
		expect([error.message, request.url]).toEqual(["Missing or invalid Sec-WebSocket-Key header", "/"]);
	});

	test("a path that is not the server's is no wsClientError", async () => {
		const server = await kit.serve({ path: "/a" });
		const told: unknown[] = [];
		server.on("wsClientError", (error) => told.push(error));
		const raw = kit.raw(server);
		raw.socket.write(requestText());
		expect([(await raw.ended()).slice(0, 12), told]).toEqual(["HTTP/1.1 400", []]);
	});

	test("wsClientError tells of an extension's offer that is none", async () => {
		const server = await kit.serve({ perMessageDeflate: true });
		const told = next(server, "wsClientError");
		const raw = kit.raw(server);
		raw.socket.write(requestText({ "Sec-WebSocket-Extensions": "permessage-deflate;=" }));
		const [error, socket] = (await told) as [Error, { destroy(): void }];
		socket.destroy();
		expect(error.message).toBe("Invalid or unacceptable Sec-WebSocket-Extensions header");
	});

	test("wsClientError tells of a version", async () => {
		const server = await kit.serve();
		const told = next(server, "wsClientError");
		const raw = kit.raw(server);
		raw.socket.write(requestText({ "Sec-WebSocket-Version": "12" }));
		const [error, socket] = (await told) as [Error, { destroy(): void }];
		socket.destroy();
		expect(error.message).toBe("Missing or invalid Sec-WebSocket-Version header");
	});
}
