import { afterEach, expect, test } from "bun:test";
import { once } from "node:events";
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls, createServer, type TLSSocket } from "node:tls";
import { LOCALHOST, OTHER } from "../../../conformance/fixtures/certificates.ts";
import { connect, type ServeOptions, type Server, serve } from "../src/index.ts";

const running: { close(options: { deadline: number }): Promise<unknown> }[] = [];
afterEach(async () => {
	for (const server of running.splice(0)) await server.close({ deadline: 1 });
});

async function echo(options: Partial<ServeOptions<undefined>> = {}): Promise<{ server: Server; port: number }> {
	const server = await serve({
		port: 0,
		tls: LOCALHOST,
		message: (socket, message) => void socket.send(message),
		...options,
	});
	running.push(server);
	const { address } = server;
	return { server, port: address.transport === "tcp" ? address.port : 0 };
}

const ca = LOCALHOST.cert;

async function roundTrip(url: string, trusted: string | string[] = ca): Promise<void> {
	const socket = await connect(url, { tls: { ca: trusted } });
	socket.send(new Uint8Array(1 << 20).fill(7));
	const { value } = await socket[Symbol.asyncIterator]().next();
	expect(Buffer.compare(value as Uint8Array, Buffer.alloc(1 << 20, 7))).toBe(0);
	expect(socket.secure).toBe(true);
	socket.close(4000, "done");
	expect(await socket.closed).toMatchObject({ code: 4000, wasClean: true });
}

test("by address and by name; one authority and several", async () => {
	const { port } = await echo();
	await roundTrip(`wss://127.0.0.1:${port}/`);
	await roundTrip(`wss://localhost:${port}/`, [OTHER.cert, ca]);
});

test("key and certificate as bytes; no limit for the handshake", async () => {
	const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
	const tls = { key: bytes(LOCALHOST.key), cert: bytes(LOCALHOST.cert) };
	const { port } = await echo({ tls, timeouts: { handshake: Number.POSITIVE_INFINITY } });
	await roundTrip(`wss://127.0.0.1:${port}/`);
});

test("HTTP on the same port knows that it is secure", async () => {
	const { port } = await echo({ fetch: (request, { secure }) => new Response(`${request.url} ${secure}`) });
	const response = await fetch(`https://127.0.0.1:${port}/page`, { tls: { ca } });
	expect(await response.text()).toBe(`https://127.0.0.1:${port}/page true`);
});

test("RFC 7301: the server takes http/1.1, and no other protocol", async () => {
	const { port } = await echo();
	const place = { port, host: "127.0.0.1", ca };
	const client = connectTls({ ...place, ALPNProtocols: ["h2", "http/1.1"] });
	await once(client, "secureConnect");
	expect(client.alpnProtocol).toBe("http/1.1");
	client.destroy();
	const refused = connectTls({ ...place, ALPNProtocols: ["h2"] });
	expect(await once(refused, "error")).toMatchObject([
		{ message: expect.stringContaining("ALERT_NO_APPLICATION_PROTOCOL") },
	]);
});

test("RFC 7301, RFC 6066 §3: the client offers http/1.1, and gives the server's name when there is one", async () => {
	const seen: unknown[] = [];
	const server = createServer({ ...LOCALHOST, ALPNProtocols: ["h2", "http/1.1"] }, (socket: TLSSocket) => {
		seen.push(socket.alpnProtocol, socket.servername || null);
		socket.end();
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const { port } = server.address() as { port: number };
	for (const hostname of ["localhost", "127.0.0.1"]) {
		const failure = await connect(`wss://${hostname}:${port}/`, { tls: { ca } }).catch((error) => error);
		expect(failure).toMatchObject({ code: "ERR_HANDSHAKE_ENDED" });
	}
	server.close();
	expect(seen).toEqual(["http/1.1", "localhost", "http/1.1", null]);
});

test("a certificate that nobody vouches for, or for another name, is not trusted", async () => {
	const { port } = await echo({ fetch: () => new Response() });
	const other = await echo({ tls: OTHER });
	const refused: [url: string, trusted: string | undefined][] = [
		[`wss://127.0.0.1:${port}/`, undefined],
		[`wss://127.0.0.1:${port}/`, OTHER.cert],
		[`wss://127.0.0.1:${other.port}/`, OTHER.cert],
		[`wss://localhost:${other.port}/`, OTHER.cert],
		// Nobody is trusted: there is no certificate in it.
		[`wss://127.0.0.1:${port}/`, "authority"],
	];
	for (const [url, trusted] of refused) {
		const failure = await connect(url, trusted === undefined ? {} : { tls: { ca: trusted } }).catch((error) => error);
		expect(failure).toMatchObject({ name: "TransportError", code: "ERR_TLS_CERTIFICATE" });
		expect(failure.message).toEndWith(
			"the peer's certificate is not trusted (the option `tls.ca` sets what is), or is not for that name",
		);
	}
	expect(other.server.connections).toEqual([]);
	await roundTrip(`wss://127.0.0.1:${port}/`);
});

test.each([
	["a key that does not belong to the certificate", { key: OTHER.key, cert: LOCALHOST.cert }],
	["a key that is no PEM", { key: "key", cert: LOCALHOST.cert }],
	["a certificate that is no PEM", { key: LOCALHOST.key, cert: "certificate" }],
	["bytes that are no PEM", { key: new Uint8Array(8), cert: new Uint8Array(8) }],
])("%s can't serve", async (_name, tls) => {
	await expect(serve({ port: 0, tls })).rejects.toMatchObject({
		name: "TransportError",
		code: "ERR_TLS_KEY",
		message:
			"cannot listen on 127.0.0.1:0: the TLS key and certificate can't be read (give the PEM text itself, not a file's name, and a key without a passphrase) or don't belong together",
	});
});

// Some bytes that are the beginning of a ClientHello, and some that are none.
const BEGINNINGS = ["", "\x16\x03\x01\x02\x00\x01\x00", "\xff".repeat(600), "GET / HTTP/1.1\r\n\r\n"];

async function rawClient(port: number, bytes: string): Promise<{ client: Socket; gone: Promise<void> }> {
	const client = connectTcp({ port, host: "127.0.0.1", allowHalfOpen: true });
	client.on("error", () => {});
	const gone = new Promise<void>((resolve) => {
		client.once("end", () => resolve());
		client.once("close", () => resolve());
	});
	client.resume();
	await once(client, "connect");
	client.write(bytes, "latin1");
	return { client, gone };
}

test.each(BEGINNINGS)("who never completes the TLS handshake is cut off, and is no connection: %j", async (bytes) => {
	const { server, port } = await echo({ timeouts: { handshake: 50 } });
	const [waiting, ended, reset] = [
		await rawClient(port, bytes),
		await rawClient(port, bytes),
		await rawClient(port, bytes),
	];
	ended.client.end();
	reset.client.resetAndDestroy();
	await Promise.all([waiting.gone, ended.gone, reset.gone]);
	expect(server.connections).toEqual([]);
	waiting.client.destroy();
	ended.client.destroy();
	await roundTrip(`wss://127.0.0.1:${port}/`);
});

test("close() does not wait for who has not completed the TLS handshake", async () => {
	const { server, port } = await echo({ timeouts: { handshake: Number.POSITIVE_INFINITY } });
	const { client, gone } = await rawClient(port, "");
	// Whoever came later is let in: the silent one is known to the listener.
	await roundTrip(`wss://127.0.0.1:${port}/`);
	await server.close();
	await gone;
	client.destroy();
});

test("close() ends whoever has completed it with 1001", async () => {
	const { server, port } = await echo();
	const socket = await connect(`wss://127.0.0.1:${port}/`, { tls: { ca } });
	await server.close();
	expect(await socket.closed).toMatchObject({ code: 1001, wasClean: true, by: "peer" });
});
