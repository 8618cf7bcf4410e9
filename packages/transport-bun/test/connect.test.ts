import { afterEach, expect, test } from "bun:test";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { connect } from "../src/index.ts";

const servers: Server[] = [];
const sockets = new Set<Socket>();
afterEach(() => {
	for (const socket of sockets) socket.destroy();
	for (const server of servers.splice(0)) server.close();
});

async function portThat(answers: (socket: Socket) => void, host = "127.0.0.1"): Promise<number> {
	const server = createServer((socket) => {
		sockets.add(socket.on("error", () => {}));
		answers(socket);
	});
	servers.push(server);
	await new Promise<void>((resolve) => server.listen(0, host, resolve));
	return (server.address() as AddressInfo).port;
}

async function freePort(): Promise<number> {
	const port = await portThat(() => {});
	await new Promise((resolve) => servers.pop()?.close(resolve));
	return port;
}

test("a port that nobody listens on, by address and by a name with several", async () => {
	const port = await freePort();
	for (const hostname of ["127.0.0.1", "localhost"]) {
		const error = await connect(`ws://${hostname}:${port}/`).catch((error) => error);
		expect(error).toMatchObject({ name: "TransportError", code: "ERR_CONNECTION_REFUSED" });
		expect(error.message).toBe(`cannot connect to ${hostname}:${port}: nobody listens there`);
	}
});

test("TLS to a port that nobody listens on", async () => {
	await expect(connect(`wss://127.0.0.1:${await freePort()}/`)).rejects.toMatchObject({
		code: "ERR_CONNECTION_REFUSED",
	});
});

test("a name that does not resolve", async () => {
	await expect(connect("ws://nowhere.invalid/")).rejects.toMatchObject({ code: "ERR_NAME_NOT_RESOLVED" });
});

test("a name, and an address in IPv6", async () => {
	const hangsUp = await portThat((socket) => socket.end());
	await expect(connect(`ws://localhost:${hangsUp}/`)).rejects.toMatchObject({ code: "ERR_HANDSHAKE_ENDED" });
	const six = await portThat((socket) => socket.end(), "::1");
	await expect(connect(`ws://[::1]:${six}/`)).rejects.toMatchObject({ code: "ERR_HANDSHAKE_ENDED" });
});

test("a path that is not there, that is no socket, that is too long", async () => {
	await expect(connect("ws://localhost/", { path: "/tmp/nobody/is.here" })).rejects.toMatchObject({ code: "ERR_PATH" });
	await expect(connect("ws://localhost/", { path: import.meta.path })).rejects.toMatchObject({
		code: "ERR_CONNECTION_REFUSED",
	});
	await expect(connect("ws://localhost/", { path: `/tmp/${"x".repeat(200)}` })).rejects.toMatchObject({
		code: "ERR_PATH",
	});
});

test("a server that resets", async () => {
	const resets = await portThat((socket) => socket.once("data", () => socket.resetAndDestroy()));
	await expect(connect(`ws://127.0.0.1:${resets}/`)).rejects.toMatchObject({ code: "ERR_CONNECTION_RESET" });
	await expect(connect(`wss://127.0.0.1:${resets}/`)).rejects.toMatchObject({ code: "ERR_CONNECTION_RESET" });
});

test("plain TCP where TLS is expected", async () => {
	const port = await portThat((socket) => socket.once("data", () => socket.write("HTTP/1.1 400 Bad Request\r\n\r\n")));
	await expect(connect(`wss://127.0.0.1:${port}/`)).rejects.toMatchObject({ name: "TransportError", code: "ERR_TLS" });
});

test.each(["ws", "wss"])("%s: the signal ends a handshake that is not answered, and its connection", async (scheme) => {
	const controller = new AbortController();
	const reason = new Error("enough");
	const { promise: gone, resolve } = Promise.withResolvers<void>();
	const port = await portThat((socket) => {
		socket.once("close", () => resolve());
		socket.once("data", () => controller.abort(reason));
	});
	await expect(connect(`${scheme}://127.0.0.1:${port}/`, { signal: controller.signal })).rejects.toBe(reason);
	await gone;
});

test("the signal while dialling: the socket that is made all the same is dropped", async () => {
	const controller = new AbortController();
	const { promise: gone, resolve } = Promise.withResolvers<void>();
	let bytes = 0;
	const port = await portThat((socket) => {
		socket.on("data", (chunk) => {
			bytes += chunk.length;
		});
		socket.once("close", () => resolve());
	});
	const connecting = connect(`ws://127.0.0.1:${port}/`, { signal: controller.signal });
	controller.abort("enough");
	expect(await connecting.catch((error) => error)).toBe("enough");
	await gone;
	expect(bytes).toBe(0);
});
