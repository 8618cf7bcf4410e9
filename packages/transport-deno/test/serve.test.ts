import assert from "node:assert/strict";
import { type Address, accept, connect, type Server, type Socket, serve } from "../src/index.ts";
import { LOCALHOST, OTHER } from "./certificates.ts";
import { readAll } from "./joined.ts";

function portOf({ address }: Pick<Server, "address">): number {
	assert.equal(address.transport, "tcp");
	return address.transport === "tcp" ? address.port : 0;
}

async function next(socket: Socket): Promise<string | Uint8Array> {
	const { value } = await socket[Symbol.asyncIterator]().next();
	assert.ok(value !== undefined);
	return value;
}

function rawConnect({ address }: Pick<Server, "address">): Promise<Deno.TcpConn> {
	assert.equal(address.transport, "tcp");
	return Deno.connect(address.transport === "tcp" ? address : { port: 0 });
}

function bytes(latin1: string): Uint8Array {
	return Uint8Array.from(latin1, (character) => character.charCodeAt(0));
}

/** Writes all of it, or as much as the peer takes. */
async function write(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
	for (let at = 0; at < bytes.length; ) at += await conn.write(bytes.subarray(at));
}

const UPGRADE = `${[
	"GET / HTTP/1.1",
	"Host: a",
	"Upgrade: websocket",
	"Connection: Upgrade",
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
	"Sec-WebSocket-Version: 13",
].join("\r\n")}\r\n\r\n`;

Deno.test("HTTP and WebSocket on one port, with the five-tuple of each connection", async () => {
	const server = await serve<Address>({
		port: 0,
		fetch: (_request, { local, remote }) => Response.json({ local, remote }),
		upgrade: (_request, { remote }) => accept({ data: remote }),
		open: (socket) => void socket.send(JSON.stringify(socket.data)),
	});
	const port = portOf(server);
	const socket = await connect(`ws://127.0.0.1:${port}/`);
	assert.deepEqual(JSON.parse(String(await next(socket))), socket.local);
	using client = Deno.createHttpClient({});
	const plain = await (await fetch(`http://127.0.0.1:${port}/`, { client } as RequestInit)).json();
	assert.deepEqual(plain.local, { transport: "tcp", hostname: "127.0.0.1", port });
	assert.notDeepEqual(plain.remote, socket.local);
	socket.close(1000);
	assert.equal((await socket.closed).wasClean, true);
	await server.close({ deadline: 1 });
});

Deno.test("a Unix domain socket: HTTP and WebSocket; the file goes with the server", async () => {
	const path = `${await Deno.makeTempDir()}/s`;
	const server = await serve({
		path,
		fetch: () => new Response("plain"),
		message: (socket, message) => void socket.send(message),
	});
	assert.deepEqual(server.address, { transport: "unix", path });
	const socket = await connect("ws://localhost/", { path });
	socket.send("hi");
	assert.equal(await next(socket), "hi");
	assert.deepEqual(socket.remote, { transport: "unix", path });
	assert.deepEqual([...server.sockets][0]?.local, { transport: "unix", path });
	const raw = await Deno.connect({ transport: "unix", path });
	await write(raw, bytes("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
	assert.match(new TextDecoder().decode(await readAll(raw)), /^HTTP\/1.1 200 OK\r\n.*\r\n\r\nplain$/s);
	await assert.rejects(serve({ path }), { name: "TransportError", code: "ERR_ADDRESS_IN_USE" });
	await server.close();
	assert.equal((await socket.closed).code, 1001);
	await assert.rejects(Deno.lstat(path), Deno.errors.NotFound);
	await assert.rejects(connect("ws://localhost/", { path }), { name: "TransportError", code: "ERR_PATH" });
	await (await serve({ path })).close();
});

Deno.test("a path that exists, one whose folder does not, and one that is too long", async () => {
	const folder = await Deno.makeTempDir();
	const path = `${folder}/file`;
	await Deno.writeTextFile(path, "");
	await assert.rejects(serve({ path }), { name: "TransportError", code: "ERR_ADDRESS_IN_USE" });
	await assert.rejects(serve({ path: `${folder}/x/y` }), { code: "ERR_PATH" });
	await assert.rejects(serve({ path: `${path}/y` }), { code: "ERR_PATH" });
	await assert.rejects(serve({ path: `${folder}/${"x".repeat(200)}` }), { code: "ERR_PATH" });
	await assert.rejects(connect("ws://a/", { path: `${folder}/${"x".repeat(200)}` }), { code: "ERR_PATH" });
	await assert.rejects(connect("ws://a/", { path }), { code: "ERR_CONNECTION_REFUSED" });
});

Deno.test("TLS over a Unix domain socket is refused, as Deno has none", async () => {
	const path = `${await Deno.makeTempDir()}/s`;
	await assert.rejects(serve({ path, tls: LOCALHOST }), { name: "UsageError", code: "ERR_OPTION", message: /`path`/ });
	const server = await serve({ path });
	await assert.rejects(connect("wss://localhost/", { path }), { name: "UsageError", code: "ERR_OPTION" });
	await server.close();
});

Deno.test("a port in use, an address of another machine, a name that does not resolve", async () => {
	const server = await serve({ port: 0 });
	const port = portOf(server);
	for (const tls of [undefined, LOCALHOST]) {
		const secure = tls === undefined ? null : { tls };
		await assert.rejects(serve({ port, ...secure }), { name: "TransportError", code: "ERR_ADDRESS_IN_USE" });
		await assert.rejects(serve({ port: 0, hostname: "198.51.100.1", ...secure }), { code: "ERR_ADDRESS_UNAVAILABLE" });
		await assert.rejects(serve({ port: 0, hostname: "host.invalid", ...secure }), { code: "ERR_NAME_NOT_RESOLVED" });
	}
	await server.close();
	await (await serve({ port })).close();
});

for (const [name, tls] of [
	["a key that does not belong to the certificate", { key: OTHER.key, cert: LOCALHOST.cert }],
	["a key that is no PEM", { key: "key", cert: LOCALHOST.cert }],
	["a certificate that is no PEM", { key: LOCALHOST.key, cert: "certificate" }],
	["bytes that are no PEM", { key: new Uint8Array(8), cert: new Uint8Array(8) }],
] as const) {
	Deno.test(`${name} can't serve`, async () => {
		await assert.rejects(serve({ port: 0, tls }), {
			name: "TransportError",
			code: "ERR_TLS_KEY",
			message:
				"cannot listen on 127.0.0.1:0: the TLS key and certificate can't be read (give the PEM text itself, not a file's name, and a key without a passphrase) or don't belong together",
		});
	});
}

Deno.test({
	name: "a permission that is missing is named, with its flag",
	permissions: { net: ["127.0.0.1:1"], read: false, write: false },
	async fn() {
		await assert.rejects(serve({ port: 0 }), {
			name: "TransportError",
			code: "ERR_PERMISSION",
			message: /^cannot listen on 127\.0\.0\.1:0: .*--allow-net/,
		});
		await assert.rejects(serve({ path: "/tmp/a.sock" }), { code: "ERR_PERMISSION", message: /--allow-(read|write)/ });
		await assert.rejects(connect("ws://127.0.0.1:2/"), { code: "ERR_PERMISSION", message: /--allow-net/ });
		await assert.rejects(connect("ws://127.0.0.1:1/"), { code: "ERR_CONNECTION_REFUSED" });
	},
});

Deno.test("a wrong option rejects before anything listens", async () => {
	await assert.rejects(serve({ port: "80" as unknown as number }), { code: "ERR_OPTION" });
});

Deno.test("close() frees the port at once and ends the peers with 1001; a second one waits for the first", async () => {
	const server = await serve({ port: 0 });
	const socket = await connect(`ws://127.0.0.1:${portOf(server)}/`);
	await Promise.all([server.close(), server.close()]);
	await (await serve({ port: portOf(server) })).close();
	const { code, wasClean, by } = await socket.closed;
	assert.deepEqual({ code, wasClean, by }, { code: 1001, wasClean: true, by: "peer" });
	await server.close();
});

Deno.test("RFC 6455 §7.1.1: a peer that is still sending gets the Close frame, not a reset", async () => {
	const server = await serve({ port: 0, limits: { maxMessageSize: 10 } });
	const conn = await rawConnect(server);
	// A message over the limit, with much more behind it that nobody reads.
	const header = bytes(`${UPGRADE}\x82\xff\x00\x00\x00\x00\x00\x80\x00\x00\x00\x00\x00\x00`);
	await write(conn, new Uint8Array([...header, ...new Uint8Array(1 << 20)]));
	await write(conn, new Uint8Array(7 << 20));
	await conn.closeWrite();
	const answer = Array.from(await readAll(conn), (byte) => String.fromCharCode(byte)).join("");
	// 1009, message too big (§7.4.1).
	const close = answer.indexOf("\r\n\r\n\x88");
	assert.equal(answer.slice(close + 6, close + 8), "\x03\xf1");
	await server.close();
});

Deno.test("over TLS: messages, HTTP, and what both ends know", async () => {
	const server = await serve({
		port: 0,
		tls: { key: bytes(LOCALHOST.key), cert: LOCALHOST.cert },
		fetch: (request, { secure }) => Response.json([request.url, secure]),
		message: (socket, message) => void socket.send(message),
	});
	const port = portOf(server);
	const socket = await connect(`wss://127.0.0.1:${port}/`, { tls: { ca: [OTHER.cert, LOCALHOST.cert] } });
	assert.deepEqual([socket.secure, [...server.sockets][0]?.secure], [true, true]);
	const message = Uint8Array.from({ length: 4 << 20 }, (_, i) => i % 251);
	socket.send(message);
	assert.deepEqual(await next(socket), message);
	socket.close(4000, "done");
	assert.partialDeepStrictEqual(await socket.closed, { code: 4000, wasClean: true });
	using client = Deno.createHttpClient({ caCerts: [LOCALHOST.cert] });
	const plain = await fetch(`https://localhost:${port}/page`, { client } as RequestInit);
	assert.deepEqual(await plain.json(), [`https://localhost:${port}/page`, true]);
	await server.close({ deadline: 1 });
});

// The first bytes of a ClientHello, and some that are none.
for (const beginning of ["\x16", "\x16\x03\x01\x02\x00\x01\x00", "\xff".repeat(600), "GET / HTTP/1.1\r\n\r\n"]) {
	Deno.test(`a client that ends, or resets, in the TLS handshake: ${JSON.stringify(beginning.slice(0, 20))}`, async () => {
		const server = await serve({ port: 0, tls: LOCALHOST });
		const ended = await rawConnect(server);
		await write(ended, bytes(beginning));
		await ended.closeWrite();
		await readAll(ended).catch(() => {});
		const gone = await rawConnect(server);
		await write(gone, bytes(beginning));
		gone.close();
		const socket = await connect(`wss://localhost:${portOf(server)}/`, { tls: { ca: LOCALHOST.cert } });
		assert.equal(server.connections.length, 1);
		await server.close();
		assert.equal((await socket.closed).code, 1001);
	});
}

Deno.test("a client that takes too long for the TLS handshake is not served", async () => {
	const server = await serve({ port: 0, tls: LOCALHOST, timeouts: { handshake: 1000 } });
	const late = await rawConnect(server);
	// Somebody who came later was served: the late one has been accepted, and the time runs.
	const socket = await connect(`wss://localhost:${portOf(server)}/`, { tls: { ca: LOCALHOST.cert } });
	await new Promise((resolve) => setTimeout(resolve, 1001));
	const conn = await Deno.startTls(late, { hostname: "localhost", caCerts: [LOCALHOST.cert] });
	await conn.handshake().catch(() => {});
	assert.equal((await readAll(conn).catch(() => [])).length, 0);
	assert.equal(server.connections.length, 1);
	await server.close();
	assert.equal((await socket.closed).code, 1001);
});

Deno.test("close() does not wait for a TLS handshake that never ends", async () => {
	const server = await serve({ port: 0, tls: LOCALHOST, timeouts: { handshake: Number.POSITIVE_INFINITY } });
	const silent = await rawConnect(server);
	// Somebody who came later was served: the silent one has been accepted.
	const socket = await connect(`wss://localhost:${portOf(server)}/`, { tls: { ca: LOCALHOST.cert } });
	await server.close();
	assert.equal((await socket.closed).code, 1001);
	silent.close();
});

/** Runs a program that imports this package. */
async function run(program: string, wrap: (command: string) => string = (command) => command): Promise<string> {
	const file = await Deno.makeTempFile({ dir: import.meta.dirname, suffix: ".ts" });
	try {
		await Deno.writeTextFile(file, program);
		const command = wrap(`'${Deno.execPath()}' run -A --no-check --conditions=source '${file}'`);
		const { stdout, stderr, success } = await new Deno.Command("sh", { args: ["-c", command] }).output();
		const text = new TextDecoder().decode(stdout);
		assert.ok(success, `${text}${new TextDecoder().decode(stderr)}`);
		return text.trim();
	} finally {
		await Deno.remove(file);
	}
}

Deno.test("a program ends by itself once all is closed, and rejects nothing that nobody handles", async () => {
	const printed = await run(`
		import { connect, serve } from "../src/index.ts";
		import { LOCALHOST } from "./certificates.ts";
		addEventListener("unhandledrejection", (event) => console.log("unhandled", event.reason));
		for (const tls of [null, LOCALHOST]) {
			const server = await serve({ port: 0, ...(tls && { tls }) });
			const { port } = server.address;
			const url = (tls ? "wss" : "ws") + "://localhost:" + port;
			const left = await connect(url, { tls: { ca: LOCALHOST.cert } });
			const gone = await connect(url, { tls: { ca: LOCALHOST.cert } });
			gone.terminate();
			await Deno.connect({ port }).then((conn) => conn.close());
			await server.close();
			await left.closed;
			await connect(url).catch((error) => console.log(error.code));
		}
	`);
	assert.equal(printed, "ERR_CONNECTION_REFUSED\nERR_CONNECTION_REFUSED");
});

Deno.test("no files left: the accept loop does not end, and goes on when there are some", async () => {
	const printed = await run(
		`
		import { serve } from "../src/index.ts";
		const server = await serve({ port: 0, fetch: () => new Response("served") });
		const files = [];
		try { for (;;) files.push(Deno.openSync("/dev/null")); } catch (error) { console.log(error.code); }
		files.pop().close();
		const client = await Deno.connect(server.address);
		await client.write(new TextEncoder().encode("GET / HTTP/1.1\\r\\nHost: a\\r\\nConnection: close\\r\\n\\r\\n"));
		// Long enough for the accept to have failed: only then is there a file for it.
		await new Promise((resolve) => setTimeout(resolve, 50));
		console.log(server.connections.length);
		for (const file of files) file.close();
		console.log((await new Response(client.readable).text()).split("\\r\\n")[0]);
		await server.close();
		`,
		(command) => `ulimit -n 256; ${command}`,
	);
	assert.equal(printed, "EMFILE\n0\nHTTP/1.1 200 OK");
});
