import { afterEach, beforeEach, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect as connectTcp, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { accept, connect, type ServeOptions, type Server, serve } from "../src/index.ts";

const running: { close(options: { deadline: number }): Promise<void> }[] = [];
async function started<Data>(options: ServeOptions<Data>): Promise<Server<Data>> {
	const server = await serve(options);
	running.push(server);
	return server;
}

let folder: string;
beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "barewire-"));
});
afterEach(async () => {
	for (const server of running.splice(0)) await server.close({ deadline: 1 });
	await rm(folder, { recursive: true });
});

function portOf({ address }: Pick<Server, "address">): number {
	if (address.transport !== "tcp") throw new Error("not TCP");
	return address.port;
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

test("messages are strings and plain Uint8Arrays, whatever their size", async () => {
	const server = await started({ port: 0, message: (socket, message) => void socket.send(message) });
	const socket = await connect(`ws://127.0.0.1:${portOf(server)}/`);
	const messages = socket[Symbol.asyncIterator]();
	for (const size of [0, 5, 70_000, 1 << 21]) {
		socket.send(new Uint8Array(size).fill(7));
		const { value } = await messages.next();
		expect((value as Uint8Array).constructor).toBe(Uint8Array);
		expect(Buffer.compare(value as Uint8Array, Buffer.alloc(size, 7))).toBe(0);
	}
	for (const text of ["", "plain", "ünï€𝄞", "x".repeat(100_000)]) {
		socket.send(text);
		expect((await messages.next()).value).toBe(text);
	}
});

test("all addresses: each connection has the one that it came to", async () => {
	const server = await started({ port: 0, hostname: "0.0.0.0" });
	const socket = await connect(`ws://127.0.0.1:${portOf(server)}/`);
	const [connection] = server.connections;
	expect(connection.local).toEqual(socket.remote);
	expect(connection.remote).toEqual(socket.local);
});

test("a name: the server tells the address that it stands for", async () => {
	const { address } = await started({ port: 0, hostname: "localhost" });
	expect(["127.0.0.1", "::1"]).toContain(address.transport === "tcp" ? address.hostname : "");
});

test("a Unix domain socket: HTTP and WebSocket; the file goes with the server", async () => {
	const path = join(folder, "s.sock");
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
	expect(server.connections.map(({ local, remote }) => [local, remote])).toEqual([[socket.remote, socket.local]]);
	expect(await (await fetch("http://localhost/", { unix: path })).text()).toBe("plain");
	await server.close();
	expect(existsSync(path)).toBe(false);
	await expect(connect("ws://localhost/", { path })).rejects.toMatchObject({ code: "ERR_PATH" });
});

test("a path that exists is left alone, be it a file or another server's", async () => {
	const file = join(folder, "file");
	await writeFile(file, "precious");
	await expect(serve({ path: file })).rejects.toMatchObject({ name: "TransportError", code: "ERR_ADDRESS_IN_USE" });
	expect(await readFile(file, "utf8")).toBe("precious");
	const path = join(folder, "s.sock");
	await started({ path });
	await expect(serve({ path })).rejects.toMatchObject({ code: "ERR_ADDRESS_IN_USE" });
	(await connect("ws://localhost/", { path })).close();
});

test("a path whose folder is not there, and one that is too long", async () => {
	await expect(serve({ path: join(folder, "x", "y") })).rejects.toMatchObject({ code: "ERR_PATH" });
	await expect(serve({ path: join(folder, "x".repeat(200)) })).rejects.toMatchObject({ code: "ERR_PATH" });
});

test("a port in use, an address that is not this machine's, a name that does not resolve", async () => {
	const port = portOf(await started({ port: 0 }));
	await expect(serve({ port })).rejects.toMatchObject({ name: "TransportError", code: "ERR_ADDRESS_IN_USE" });
	await expect(serve({ port: 0, hostname: "192.0.2.1" })).rejects.toMatchObject({ code: "ERR_ADDRESS_UNAVAILABLE" });
	await expect(serve({ port: 0, hostname: "host.invalid" })).rejects.toMatchObject({ code: "ERR_NAME_NOT_RESOLVED" });
});

test("a wrong option rejects before anything listens", async () => {
	await expect(serve({ port: "80" as unknown as number })).rejects.toMatchObject({ code: "ERR_OPTION" });
});

test("the backlog is Bun's: another one is refused by name", async () => {
	await expect(serve({ port: 0, backlog: 4096 })).rejects.toMatchObject({
		name: "UsageError",
		code: "ERR_OPTION",
		message: "the option `backlog` can't be 4096: Bun always uses 512; leave it out",
	});
	await started({ port: 0, backlog: 512 });
});

test("the backlog that Bun uses is the one that is documented", async () => {
	const port = portOf(await started({ port: 0 }));
	// `ss` shows a listening socket's backlog as its Send-Q.
	const { stdout } = Bun.spawnSync(["ss", "-Hltn", `sport = :${port}`]);
	expect(stdout.toString().trim().split(/\s+/)[2]).toBe("512");
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

test("close() stops accepting, and those who are there go on until their answers are complete", async () => {
	const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
	const { promise: body, resolve: answer } = Promise.withResolvers<string>();
	const server = await started({
		port: 0,
		async fetch() {
			ask();
			return new Response(await body);
		},
	});
	const port = portOf(server);
	const response = fetch(`http://127.0.0.1:${port}/`);
	await asked;
	const closed = server.close();
	await expect(connect(`ws://127.0.0.1:${port}/`)).rejects.toMatchObject({ code: "ERR_CONNECTION_REFUSED" });
	answer("complete");
	expect(await (await response).text()).toBe("complete");
	await closed;
});

test("RFC 6455 §7.1.1: a peer that is still sending gets the Close frame, not a reset", async () => {
	const server = await started({ port: 0, limits: { maxMessageSize: 10 } });
	const client = connectTcp({ port: portOf(server), host: "127.0.0.1", allowHalfOpen: true });
	const key = "dGhlIHNhbXBsZSBub25jZQ==";
	client.write(
		`GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
	);
	// A message over the limit, with much more behind it that nobody reads.
	client.write(Buffer.concat([Buffer.from("82ff000000000080000000000000", "hex"), Buffer.alloc(1 << 23)]));
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

test("a program ends once all is closed", async () => {
	const program = Bun.spawn([process.execPath, "--conditions=source", join(import.meta.dirname, "ends.ts")], {
		stdout: "pipe",
		stderr: "pipe",
	});
	expect(await new Response(program.stdout).text()).toBe("hello\nhello\nhello\n");
	expect(await new Response(program.stderr).text()).toBe("");
	expect(await program.exited).toBe(0);
});
