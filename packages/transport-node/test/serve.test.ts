import { mkdtemp, rm } from "node:fs/promises";
import { request } from "node:http";
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

function portOf(server: Pick<Server, "address">): number {
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
