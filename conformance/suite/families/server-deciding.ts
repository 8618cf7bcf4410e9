import assert from "node:assert/strict";
import { once } from "node:events";
import { type Accepted, accept, type Server, type Socket } from "@barewire/endpoint";
import { fromHex } from "../../arbitraries/bytes.ts";
import { Inbox } from "../../interop/inbox.ts";
import { portOf, RawClient } from "../../raw-client.ts";
import { asking, switching } from "../asking.ts";
import { type Case, family } from "../case.ts";
import { head, withoutDates } from "../http-text.ts";
import type { Runtime } from "../runtime.ts";
import { passTurns } from "../turns.ts";
import { frame, frameFor } from "../wire-frames.ts";

const MEBIBYTE = 1 << 20;

/** Messages of 1 MiB: in all, more than the system keeps at both ends of a connection. */
const MESSAGES = 32;

const TEXT_HI = frameFor("server", fromHex("81026869"));
const CLOSE_1000 = frameFor("server", fromHex("880203e8"));

/** A server whose `upgrade` waits until it is told to decide, and a client that asks. */
async function hesitating(runtime: Runtime): Promise<{
	readonly server: Server;
	readonly client: RawClient;
	readonly request: Request;
	letIn(): void;
	refuse(response: Response): void;
	readonly opened: Inbox<Socket>;
	readonly messages: unknown[];
}> {
	const asked = new Inbox<{ request: Request; letIn(): void; refuse(response: Response): void }>();
	const opened = new Inbox<Socket>();
	const messages: unknown[] = [];
	const server = await runtime.serve({
		port: 0,
		upgrade: (request) =>
			new Promise<Accepted<undefined> | Response>((resolve) =>
				asked.push({ request, letIn: () => resolve(accept()), refuse: resolve }),
			),
		open: (socket) => opened.push(socket),
		message: (_socket, message) => void messages.push(message),
	});
	const client = await RawClient.open(portOf(server));
	client.write(asking());
	return { server, client, ...(await asked.next()), opened, messages };
}

// Effect#6927, socket.io#3564, ws#1630.
export const serverDeciding: readonly Case[] = family("opening handshake, while the application decides", "server", {
	async "frames that come meanwhile are not lost"(runtime) {
		const { server, client, letIn, opened, messages } = await hesitating(runtime);
		client.write(TEXT_HI);
		client.write(TEXT_HI);
		client.write(CLOSE_1000);
		letIn();
		const socket = await opened.next();
		await client.ended;
		await client.close();
		const { code, wasClean, by } = await socket.closed;
		assert.deepEqual([messages, code, wasClean, by], [["hi", "hi"], 1000, true, "peer"]);
		assert.equal(client.text, `${switching()}\x88\x02\x03\xe8`);
		await server.close();
	},
	async "what comes meanwhile is bounded: most of it stays with the client until it is let in"(runtime) {
		const { server, client, letIn, opened, messages } = await hesitating(runtime);
		const message = frameFor("server", frame(0x82, new Uint8Array(MEBIBYTE)));
		for (let i = 0; i < MESSAGES; i++) client.write(message);
		client.write(CLOSE_1000);
		// Enough turns to read all, were it read. The system's own buffers take a few MiB.
		await passTurns(200);
		const waiting = client.socket.writableLength;
		assert.ok(waiting > (MESSAGES / 4) * MEBIBYTE, `only ${waiting} bytes still wait with the client`);
		letIn();
		const socket = await opened.next();
		await client.close();
		assert.equal((await socket.closed).wasClean, true);
		assert.deepEqual(
			messages.map((each) => (each as Uint8Array).length),
			Array.from({ length: MESSAGES }, () => MEBIBYTE),
		);
		await server.close();
	},
	async "a client that resets meanwhile is never let in"(runtime) {
		const { server, client, request, letIn, opened } = await hesitating(runtime);
		const aborted = once(request.signal, "abort");
		await client.reset();
		await aborted;
		letIn();
		await server.close();
		assert.deepEqual([opened.size, server.sockets.size, server.connections], [0, 0, []]);
	},
	async "a client that resets meanwhile and is refused: the body of the refusal is cancelled"(runtime) {
		const { server, client, request, refuse } = await hesitating(runtime);
		const aborted = once(request.signal, "abort");
		await client.reset();
		await aborted;
		const { promise, resolve } = Promise.withResolvers<unknown>();
		refuse(new Response(new ReadableStream({ cancel: resolve }), { status: 403 }));
		assert.equal(await promise, request.signal.reason);
		await server.close();
	},
	async "a client that ends its sending half meanwhile is answered, and its end is a clean one"(runtime) {
		const { server, client, letIn, opened, messages } = await hesitating(runtime);
		client.write(TEXT_HI);
		client.write(CLOSE_1000);
		client.socket.end();
		letIn();
		const { code, wasClean, by } = await (await opened.next()).closed;
		assert.deepEqual([messages, code, wasClean, by], [["hi"], 1000, true, "peer"]);
		await client.ended;
		assert.equal(client.text, `${switching()}\x88\x02\x03\xe8`);
		await server.close();
	},
	async "a server that closes meanwhile answers 503, and the request's signal tells"(runtime) {
		const { server, client, request, letIn } = await hesitating(runtime);
		const closed = server.close();
		const aborted = once(request.signal, "abort");
		letIn();
		await aborted;
		await client.ended;
		await client.close();
		await closed;
		const answer = head(
			"HTTP/1.1 503 Service Unavailable",
			"content-type: text/plain; charset=utf-8",
			"date: D",
			"content-length: 22",
			"connection: close",
		);
		assert.equal(withoutDates(client.text), `${answer}the server is closing\n`);
	},
	async "the five-tuple is known to `upgrade`, to `open` and to the server"(runtime) {
		const seen: unknown[] = [];
		const opened = new Inbox<Socket>();
		const server = await runtime.serve({
			port: 0,
			upgrade(_request, { local, remote, secure }) {
				seen.push({ local, remote, secure });
				return accept();
			},
			open: (socket) => opened.push(socket),
		});
		const client = await RawClient.open(portOf(server));
		client.write(asking());
		const { local, remote, secure } = await opened.next();
		const tuple = {
			local: { transport: "tcp", hostname: "127.0.0.1", port: portOf(server) },
			remote: { transport: "tcp", hostname: "127.0.0.1", port: client.socket.localPort },
			secure: false,
		};
		assert.deepEqual([...seen, { local, remote, secure }], [tuple, tuple]);
		const [view] = server.connections;
		assert.deepEqual(
			[view?.local, view?.remote, view?.secure, view?.speaks],
			[tuple.local, tuple.remote, tuple.secure, "websocket"],
		);
		client.write(CLOSE_1000);
		await client.ended;
		await client.close();
		await server.close();
	},
	async "`data` becomes the socket's"(runtime) {
		const opened = new Inbox<Socket<{ name: string }>>();
		const server = await runtime.serve<{ name: string }>({
			port: 0,
			upgrade: (request) => accept({ data: { name: new URL(request.url).pathname } }),
			open: (socket) => opened.push(socket),
		});
		const clients = [];
		for (const name of ["/a", "/b"]) {
			const client = await RawClient.open(portOf(server));
			client.write(asking({ line: `GET ${name} HTTP/1.1` }));
			assert.equal((await opened.next()).data.name, name);
			clients.push(client);
		}
		for (const client of clients) client.socket.destroy();
		await server.close();
	},
});
