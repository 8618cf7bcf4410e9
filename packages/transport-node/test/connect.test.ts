import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { connect } from "../src/index.ts";

const servers: Server[] = [];
const sockets = new Set<Socket>();
afterEach(() => {
	for (const socket of sockets) socket.destroy();
	for (const server of servers.splice(0)) server.close();
});

async function portThat(answers: (socket: Socket) => void): Promise<number> {
	const server = createServer((socket) => {
		sockets.add(socket.on("error", () => {}));
		answers(socket);
	});
	servers.push(server);
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	return (server.address() as AddressInfo).port;
}

test("a port that nobody listens on", async () => {
	const port = await portThat(() => {});
	servers.pop()?.close();
	const error = await connect(`ws://127.0.0.1:${port}/`).catch((error) => error);
	expect(error).toMatchObject({ name: "TransportError", code: "ERR_CONNECTION_REFUSED" });
	expect(error.message).toBe(`cannot connect to 127.0.0.1:${port}: nobody listens there`);
});

test("a name that does not resolve", async () => {
	await expect(connect("ws://nowhere.invalid/")).rejects.toMatchObject({ code: "ERR_NAME_NOT_RESOLVED" });
});

test("a server that hangs up, and one that resets", async () => {
	const hangsUp = await portThat((socket) => socket.end());
	await expect(connect(`ws://127.0.0.1:${hangsUp}/`)).rejects.toMatchObject({ code: "ERR_HANDSHAKE_ENDED" });
	const resets = await portThat((socket) => socket.once("data", () => socket.resetAndDestroy()));
	await expect(connect(`ws://127.0.0.1:${resets}/`)).rejects.toMatchObject({ code: "ERR_CONNECTION_RESET" });
});

test("plain TCP where TLS is expected", async () => {
	const port = await portThat((socket) => socket.once("data", () => socket.write("HTTP/1.1 400 Bad Request\r\n\r\n")));
	await expect(connect(`wss://127.0.0.1:${port}/`)).rejects.toMatchObject({ name: "TransportError", code: "ERR_TLS" });
});

test("the signal ends a handshake that is not answered, and its connection", async () => {
	const controller = new AbortController();
	const gone = new Promise<void>((resolve) => {
		void portThat((socket) => {
			socket.once("close", () => resolve());
			socket.once("data", () => controller.abort("enough"));
		}).then((port) => {
			connect(`ws://127.0.0.1:${port}/`, { signal: controller.signal }).catch((reason) => reasons.push(reason));
		});
	});
	const reasons: unknown[] = [];
	await gone;
	expect(reasons).toEqual(["enough"]);
});
