import { afterEach, beforeEach, expect, spyOn, test } from "bun:test";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type ServeOptions, type Server, serve } from "../src/index.ts";

const running: { close(options: { deadline: number }): Promise<unknown> }[] = [];
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

test("an address is not looked up", async () => {
	const lookup = spyOn(Bun.dns, "lookup");
	await started({ port: 0, hostname: "127.0.0.1" });
	expect(lookup).not.toHaveBeenCalled();
	await started({ port: 0, hostname: "localhost" });
	expect(lookup).toHaveBeenCalledTimes(1);
	lookup.mockRestore();
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
	// Who comes while the queue is emptied gets a 503.
	await expect(connect(`ws://127.0.0.1:${port}/`)).rejects.toThrow(/503|refuse/);
	answer("complete");
	expect(await (await response).text()).toBe("complete");
	await closed;
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

test("a file's content-type is sent, also when it refuses an upgrade", async () => {
	const path = join(folder, "picture.svg");
	await writeFile(path, "<svg/>");
	const answer = (): Response => new Response(Bun.file(path));
	const server = await started({ port: 0, fetch: answer, upgrade: answer });
	const response = await fetch(`http://127.0.0.1:${portOf(server)}/`);
	expect([response.headers.get("content-type"), await response.text()]).toEqual(["image/svg+xml", "<svg/>"]);
	const refused = await connect(`ws://127.0.0.1:${portOf(server)}/`).catch((error: unknown) => error);
	expect((refused as { response: Response }).response.headers.get("content-type")).toBe("image/svg+xml");
});

// Node's and Deno's Response take none of these.
test.each(["a\r\nset-cookie: b=c", "\u0100", "\x01"])(
	"a statusText that can't be sent gives 500: %j",
	async (statusText) => {
		const errors: unknown[] = [];
		const server = await started({
			port: 0,
			fetch: () => new Response("text", { statusText }),
			error: (error) => void errors.push(error),
		});
		const response = await fetch(`http://127.0.0.1:${portOf(server)}/`);
		expect([response.status, response.headers.get("set-cookie")]).toEqual([500, null]);
		expect(errors).toMatchObject([{ code: "ERR_INVALID_REASON" }]);
	},
);

test("a file that can't be read: 500, the error is told, and the server lives", async () => {
	const errors: unknown[] = [];
	const server = await started({
		port: 0,
		fetch: (request) => new Response(Bun.file(request.url.endsWith("/folder") ? folder : join(folder, "none"))),
		error: (error) => void errors.push(error),
	});
	const url = `http://127.0.0.1:${portOf(server)}`;
	expect((await fetch(`${url}/none`)).status).toBe(500);
	expect(errors).toMatchObject([{ code: "ENOENT" }]);
	await fetch(`${url}/folder`).catch(() => {});
	expect((await fetch(`${url}/none`)).status).toBe(500);
});
