import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { connect as connectTcp, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { accept, connect, type ServeOptions, type Server, serve } from "../src/index.ts";

const running: Server<unknown>[] = [];
async function started<Data>(options: ServeOptions<Data>): Promise<Server<Data>> {
	const server = await serve(options);
	running.push(server as Server<unknown>);
	return server;
}
afterEach(async () => {
	for (const server of running.splice(0)) await server.close({ deadline: 1 });
});

function portOf(server: Server<never> | Server<unknown> | Server): number {
	const { address } = server;
	if (address.transport !== "tcp") throw new Error("not TCP");
	return address.port;
}

async function temporaryPath(): Promise<{ path: string; remove: () => Promise<void> }> {
	const folder = await mkdtemp(join(tmpdir(), "barewire-"));
	return { path: join(folder, "s.sock"), remove: () => rm(folder, { recursive: true }) };
}

test("HTTP and WebSocket on one port, with the five-tuple of each connection", async () => {
	const server = await started({
		port: 0,
		fetch: (_request, { local, remote }) => Response.json({ local, remote }),
		upgrade: (_request, { remote }) => accept({ data: remote }),
		open: (socket) => void socket.send(JSON.stringify(socket.data)),
	});
	const port = portOf(server);
	const socket = await connect(`ws://127.0.0.1:${port}/`);
	const { value } = await socket[Symbol.asyncIterator]().next();
	expect(JSON.parse(String(value))).toEqual(socket.local);
	const plain = (await (await fetch(`http://127.0.0.1:${port}/`)).json()) as { local: unknown; remote: unknown };
	expect(plain.local).toEqual({ transport: "tcp", hostname: "127.0.0.1", port });
	expect(plain.remote).not.toEqual(socket.local);
	socket.close(1000);
	expect((await socket.closed).wasClean).toBe(true);
});

test("a Unix domain socket: HTTP and WebSocket; the file goes with the server", async () => {
	const { path, remove } = await temporaryPath();
	const server = await started({
		path,
		fetch: () => new Response("plain"),
		message: (socket, message) => void socket.send(message),
	});
	expect(server.address).toEqual({ transport: "unix", path });
	const socket = await connect("ws://localhost/", { path });
	socket.send("hi");
	expect(await socket[Symbol.asyncIterator]().next()).toEqual({ done: false, value: "hi" });
	expect(socket.remote).toEqual({ transport: "unix", path });
	const status = await new Promise((resolve) => {
		request({ socketPath: path, path: "/", agent: false }, (response) => {
			response.resume();
			resolve(response.statusCode);
		}).end();
	});
	expect(status).toBe(200);
	await server.close();
	await expect(connect("ws://localhost/", { path })).rejects.toMatchObject({ code: "ERR_PATH" });
	await remove();
});

test("a path that exists, and one whose folder does not", async () => {
	const { path, remove } = await temporaryPath();
	await writeFile(path, "");
	await expect(serve({ path })).rejects.toMatchObject({ name: "TransportError", code: "ERR_ADDRESS_IN_USE" });
	await expect(serve({ path: join(path, "x", "y") })).rejects.toMatchObject({ code: "ERR_PATH" });
	await remove();
});

test("a port in use, an address that is not this machine's", async () => {
	const port = portOf(await started({ port: 0 }));
	await expect(serve({ port })).rejects.toMatchObject({ name: "TransportError", code: "ERR_ADDRESS_IN_USE" });
	await expect(serve({ port: 0, hostname: "192.0.2.1" })).rejects.toMatchObject({ code: "ERR_ADDRESS_UNAVAILABLE" });
});

test("a key that can't be read", async () => {
	await expect(serve({ port: 0, tls: { key: "no key", cert: "no certificate" } })).rejects.toMatchObject({
		name: "TransportError",
		code: "ERR_TLS_KEY",
	});
});

test("a wrong option rejects before anything listens", async () => {
	await expect(serve({ port: "80" as unknown as number })).rejects.toMatchObject({ code: "ERR_OPTION" });
});

test("close() frees the port at once and ends the peers with 1001", async () => {
	const server = await started({ port: 0 });
	const port = portOf(server);
	const socket = await connect(`ws://127.0.0.1:${port}/`);
	await server.close();
	expect(await socket.closed).toMatchObject({ code: 1001, wasClean: true, by: "peer" });
	const again = createServer().listen(port, "127.0.0.1");
	await new Promise((resolve, reject) => again.once("listening", resolve).once("error", reject));
	again.close();
});

test("RFC 6455 §7.1.1: a peer that is still sending gets the Close frame, not a reset", async () => {
	const server = await started({ port: 0, limits: { maxMessageSize: 10 } });
	const client = connectTcp({ port: portOf(server), host: "127.0.0.1", allowHalfOpen: true });
	const key = "dGhlIHNhbXBsZSBub25jZQ==";
	client.write(
		`GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
	);
	// A message over the limit, with much more behind it that nobody reads.
	client.write(
		Buffer.concat([Buffer.from("82ff0000000000800000 00000000".replace(" ", ""), "hex"), Buffer.alloc(1 << 23)]),
	);
	const chunks: Buffer[] = [];
	let failure: Error | null = null;
	client.on("data", (chunk) => chunks.push(chunk));
	client.on("error", (error) => {
		failure = error;
	});
	await new Promise((resolve) => client.once("end", resolve));
	client.end();
	await new Promise((resolve) => client.once("close", resolve));
	expect(failure).toBeNull();
	expect(Buffer.concat(chunks).toString("hex")).toMatch(/0d0a0d0a88..03f1/);
});
