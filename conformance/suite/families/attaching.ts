import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { type AddressInfo, connect as connectTo, createServer as createNetServer } from "node:net";
import { join } from "node:path";
import { Readable } from "node:stream";
import { connect as connectTls } from "node:tls";
import { type Accepted, accept, attach, type Observed, type Socket } from "@barewire/transport-node";
import { fromHex } from "../../arbitraries/bytes.ts";
import { LOCALHOST } from "../../fixtures/certificates.ts";
import { Inbox } from "../../interop/inbox.ts";
import { RawClient } from "../../raw-client.ts";
import { asking, switching } from "../asking.ts";
import { assertWhole, attachedOn, ECHOED, ECHOING, HI_AND_CLOSE, http, https, listening } from "../attached.ts";
import { type Case, family } from "../case.ts";
import { withFolder } from "../failing.ts";
import { head, request, withoutDates } from "../http-text.ts";
import { frameFor } from "../wire-frames.ts";
import { closing } from "./closing.ts";
import { serverUpgrade } from "./server-upgrade.ts";

const NOT_FOUND = `${head(
	"HTTP/1.1 404 Not Found",
	"content-type: text/plain; charset=utf-8",
	"date: D",
	"content-length: 35",
	"connection: close",
)}there is no WebSocket at this path\n`;

/** What a client gets that sends that, up to the end of the stream. */
async function answerTo(port: number, ...sent: readonly (string | Uint8Array)[]): Promise<string> {
	const client = await RawClient.open(port);
	for (const bytes of sent) client.write(bytes);
	await client.ended;
	await client.close();
	assert.equal(await client.gone, null, "a reset instead of an orderly end");
	return withoutDates(client.text);
}

const at = (path: string): string => asking({ line: `GET ${path} HTTP/1.1` });

/** A message goes round, and the connection closes in order. */
async function assertEchoes(port: number, path: string = "/"): Promise<void> {
	assert.equal(await answerTo(port, at(path), HI_AND_CLOSE), switching() + ECHOED);
}

const GOING_AWAY = "\x88\x02\x03\xe9";

/** The client answers the Close frame of a server that goes. */
async function leave(client: RawClient): Promise<void> {
	await client.untilTail(GOING_AWAY);
	client.write(frameFor("server", fromHex("880203e9")));
	await client.close();
}

/** The HTTP server answers requests as before. */
async function assertAnswers(port: number): Promise<void> {
	assert.match(
		await answerTo(port, request("GET /page HTTP/1.1", "Connection: close")),
		/^HTTP\/1.1 200 .*\r\n\/page$/s,
	);
}

const taking = family("attached to an HTTP server", "server", {
	async "frames that come with the head are not lost"() {
		const { server, port, close } = await http();
		const attached = attach(server, ECHOING);
		assert.equal(await answerTo(port, Buffer.concat([Buffer.from(asking()), HI_AND_CLOSE])), switching() + ECHOED);
		await attached.close();
		await close();
	},
	async "requests come before it on the same connection, and beside it"() {
		const { server, port, close } = await http();
		const attached = attach(server, ECHOING);
		const client = await RawClient.open(port);
		for (const path of ["/1", "/2"]) {
			client.write(request(`GET ${path} HTTP/1.1`));
			await client.until(new RegExp(`\r\n${path}$`));
		}
		client.write(asking());
		client.write(HI_AND_CLOSE);
		await assertAnswers(port);
		await client.close();
		assert.ok(client.text.endsWith(`/2${switching()}${ECHOED}`), client.text);
		await attached.close();
		await close();
	},
	async "the answer to a pipelined request comes first"() {
		const answers = new Inbox<() => void>();
		const { server, port, close } = await http({}, ({ url }, response) => answers.push(() => response.end(url)));
		const attached = attach(server, ECHOING);
		const client = await RawClient.open(port);
		client.write(request("GET /1 HTTP/1.1") + request("GET /2 HTTP/1.1") + asking());
		for (let i = 0; i < 2; i++) (await answers.next())();
		client.write(HI_AND_CLOSE);
		// On Bun an upgrade that is pipelined is an ordinary request.
		if (answers.size > 0) (await answers.next())();
		const text = await Promise.race([client.until(/\/chat$|\xe8$/), client.ended]);
		client.socket.destroy();
		assert.match(withoutDates(`${text}`), /^HTTP\/1.1 200 .*\r\n\/1HTTP\/1.1 200 .*\r\n\/2HTTP\/1.1 (101|200) /s);
		await attached.close();
		await close();
	},
	async "such an answer is complete although its stream has no room meanwhile"() {
		const chunks = Array.from({ length: 32 }, () => Buffer.alloc(65_536, "a"));
		const { server, port, close } = await http({}, (_request, response) => void Readable.from(chunks).pipe(response));
		const attached = attach(server, ECHOING);
		const client = await RawClient.open(port);
		client.write(request("GET /1 HTTP/1.1") + asking());
		// On Bun an upgrade that is pipelined is an ordinary request.
		const text = await client.until(/a\r\n0\r\n\r\nHTTP\/1.1 (101|200) /);
		client.socket.destroy();
		assert.ok((text.match(/a/g)?.length ?? 0) >= 32 * 65_536);
		await attached.close({ deadline: 0 });
		await close();
	},
	async "a client that resets while such an answer is made is nobody's"() {
		const answers = new Inbox<() => void>();
		const { server, port, close } = await http({}, ({ url }, response) => answers.push(() => response.end(url)));
		const opened: Socket[] = [];
		const attached = attach(server, { ...ECHOING, open: (socket) => void opened.push(socket) });
		const client = await RawClient.open(port);
		client.write(request("GET /1 HTTP/1.1") + asking());
		const answer = await answers.next();
		await client.reset();
		answer();
		await assertEchoes(port);
		assert.equal(opened.length, 1);
		await attached.close();
		await close();
	},
	async "a socket that is gone already ends quietly"() {
		const { server, port, close } = await http();
		const seen: Observed[] = [];
		const attached = attach(server, { ...ECHOING, observe: (observed) => void seen.push(observed) });
		server.prependListener("upgrade", (_request, socket) => void socket.destroy());
		assert.equal(await answerTo(port, asking()), "");
		assert.deepEqual(seen, []);
		await attached.close();
		await close();
	},
	async "on connections that another server has accepted, which end with their client's half"() {
		const server = createServer();
		const letIn = new Inbox<() => void>();
		const attached = attach(server, {
			...ECHOING,
			upgrade: () => new Promise<Accepted<undefined>>((resolve) => letIn.push(() => resolve(accept()))),
		});
		const ended = new Inbox<void>();
		const accepting = createNetServer((socket) => {
			socket.on("end", () => ended.push());
			server.emit("connection", socket);
		});
		accepting.listen(0, "127.0.0.1");
		await once(accepting, "listening");
		const client = await RawClient.open((accepting.address() as AddressInfo).port);
		client.write(asking());
		client.write(HI_AND_CLOSE);
		const goOn = await letIn.next();
		client.socket.end();
		await ended.next();
		goOn();
		await client.ended;
		client.socket.destroy();
		assert.equal(client.text, switching() + ECHOED);
		await attached.close();
		accepting.close();
	},
	async "before the HTTP server listens, and where it listens then"() {
		const server = createServer();
		const attached = attach(server, ECHOING);
		assert.throws(() => attached.address, { code: "ERR_STATE", message: "the http server does not listen yet" });
		const { port, close } = await listening(server);
		assert.deepEqual(attached.address, { transport: "tcp", hostname: "127.0.0.1", port });
		await assertEchoes(port);
		await attached.close();
		await close();
	},
	"over a Unix domain socket": () =>
		withFolder(async (folder) => {
			const path = join(folder, "socket");
			const { server, close } = await listening(createServer(), path);
			const opened = new Inbox<Socket>();
			const attached = attach(server, { ...ECHOING, open: (socket) => opened.push(socket) });
			const client = RawClient.around(connectTo({ path, allowHalfOpen: true }));
			client.write(asking());
			client.write(HI_AND_CLOSE);
			const { local, remote } = await opened.next();
			await client.close();
			assert.equal(client.text, switching() + ECHOED);
			assert.deepEqual(
				[local, remote, attached.address],
				[
					{ transport: "unix", path },
					{ transport: "unix", path: "" },
					{ transport: "unix", path },
				],
			);
			await attached.close();
			await close();
		}),
	async "over TLS, with frames that come with the head"() {
		const { server, port, close } = await https();
		const opened = new Inbox<Socket>();
		const attached = attach(server, { ...ECHOING, open: (socket) => opened.push(socket) });
		const stream = connectTls({ host: "127.0.0.1", port, ca: LOCALHOST.cert });
		await once(stream, "secureConnect");
		const client = RawClient.around(stream);
		client.write(Buffer.concat([Buffer.from(asking()), HI_AND_CLOSE]));
		const socket = await opened.next();
		await client.ended;
		stream.destroy();
		assert.equal(client.text, switching() + ECHOED);
		assert.equal(socket.secure, true);
		assert.equal((await socket.closed).wasClean, true);
		await attached.close();
		await close();
	},
	async "with compression, and a client of ours"(runtime) {
		const { server, port, close } = await http();
		const attached = attach(server, { ...ECHOING, compression: true });
		const client = await runtime.connect(`ws://127.0.0.1:${port}/`, { compression: true });
		assert.deepEqual(client.extensions, ["permessage-deflate"]);
		const message = "again and ".repeat(200_000);
		client.send(message);
		assert.equal((await client[Symbol.asyncIterator]().next()).value, message);
		client.close();
		assert.equal((await client.closed).wasClean, true);
		await attached.close();
		await close();
	},
	async "a refusal over TLS is complete"() {
		const { server, port, close } = await https();
		const body = "no".repeat(100_000);
		const attached = attach(server, { upgrade: () => new Response(body, { status: 403 }) });
		const stream = connectTls({ host: "127.0.0.1", port, ca: LOCALHOST.cert });
		await once(stream, "secureConnect");
		const client = RawClient.around(stream);
		client.write(asking());
		await client.ended;
		stream.destroy();
		assert.match(client.text, /^HTTP\/1.1 403 .*\r\n0\r\n\r\n$/s);
		assert.equal(client.text.match(/no/g)?.length, 100_000);
		await attached.close();
		await close();
	},
	async "a refusal is complete, and what the client sends behind its request does not cut it short"() {
		const { server, port, close } = await http();
		const body = "no".repeat(500_000);
		const attached = attach(server, { upgrade: () => new Response(body, { status: 403 }) });
		const answer = await answerTo(port, asking(), HI_AND_CLOSE, new Uint8Array(100_000));
		assert.match(answer, /^HTTP\/1.1 403 .*\r\n0\r\n\r\n$/s);
		assert.equal(answer.match(/no/g)?.length, 500_000);
		await attached.close();
		await close();
	},
	async "a page of another origin is refused"() {
		const { server, port, close } = await http();
		const attached = attach(server, ECHOING);
		const answer = await answerTo(port, asking({ more: "Origin: https://example.com" }));
		assertWhole(answer, 403);
		await attached.close();
		await close();
	},
	async "limits hold: one connection too many is dropped, one handshake too many gets 503"() {
		const { server, port, close } = await http();
		const attached = attach(server, { ...ECHOING, path: "/few", limits: { maxConnections: 1 } });
		const asked = new Inbox<() => void>();
		const slow = attach(server, {
			path: "/slow",
			limits: { maxPendingUpgrades: 1 },
			upgrade: () => new Promise<Accepted<undefined>>((resolve) => asked.push(() => resolve(accept()))),
		});
		const first = await RawClient.open(port);
		first.write(at("/few"));
		await first.until(/\r\n\r\n$/);
		assert.equal(await answerTo(port, at("/few")), "");
		const pending = await RawClient.open(port);
		pending.write(at("/slow"));
		const letIn = await asked.next();
		assertWhole(await answerTo(port, at("/slow")), 503);
		letIn();
		await pending.until(/^HTTP\/1.1 101 /);
		for (const client of [first, pending]) await client.reset();
		await Promise.all([attached.close(), slow.close()]);
		await close();
	},
	async "the HTTP server's own time limits end with the switch"() {
		// Long enough for a busy machine to switch in time.
		const limit = 500;
		const answer = (_request: unknown, response: { write(text: string): void }): void => response.write("begun");
		const { server, port, close } = await http(
			{ connectionsCheckingInterval: 50, requestTimeout: limit, headersTimeout: limit, keepAliveTimeout: limit },
			answer,
		);
		server.timeout = limit;
		// What applications do who know of no upgrades.
		server.on("connection", (socket) => socket.setTimeout(limit, () => socket.destroy()));
		const attached = attach(server, ECHOING);
		const client = await RawClient.open(port);
		client.write(asking());
		await client.until(/\r\n\r\n$/);
		// Others, which speak HTTP, are cut for one of these reasons each.
		const others = ["", "GET / HTTP/1.1\r\n", request("GET / HTTP/1.1")].map(async (sent) => {
			const other = await RawClient.open(port);
			other.write(sent);
			await other.ended;
			other.socket.destroy();
		});
		await Promise.all(others);
		client.write(HI_AND_CLOSE);
		await client.close();
		assert.equal(client.text, switching() + ECHOED);
		await attached.close();
		await close();
	},
	...Object.fromEntries(
		["while the application decides", "right behind the 101", "in the middle of a message"].map((stage, i) => [
			`a client that resets ${stage}`,
			async () => {
				const { server, port, close } = await http();
				const errors: unknown[] = [];
				const asked = new Inbox<Request>();
				const attached = attach(server, {
					...ECHOING,
					upgrade(request) {
						if (i > 0 || request.url.endsWith("/ok")) return accept();
						asked.push(request);
						// Decides when the client is gone.
						return new Promise<Accepted<undefined>>((resolve) =>
							request.signal.addEventListener("abort", () => resolve(accept())),
						);
					},
					error: (error) => void errors.push(error),
				});
				const client = await RawClient.open(port);
				client.write(asking());
				if (i === 0) await asked.next();
				else await client.until(/\r\n\r\n$/);
				if (i === 2) client.write(HI_AND_CLOSE.subarray(0, 7));
				await client.reset();
				await assertEchoes(port, "/ok");
				await attached.close({ deadline: Number.POSITIVE_INFINITY });
				await close();
				assert.deepEqual(errors, []);
			},
		]),
	),
});

const beside = family("attachments beside each other, and others", "server", {
	async "each takes its own path, with topics and figures of its own"() {
		const { server, port, close } = await http();
		const opened = new Inbox<Socket>();
		const open = (socket: Socket): void => {
			socket.subscribe("news");
			opened.push(socket);
		};
		const one = attach(server, { path: "/one", open });
		const two = attach(server, { path: ["/two", "/2"], open });
		assert.equal(server.listenerCount("upgrade"), 1);
		const clients: RawClient[] = [];
		for (const path of ["/one", "/two?a=b", "/2"]) {
			const client = await RawClient.open(port);
			client.write(at(path));
			await opened.next();
			clients.push(client);
		}
		assert.deepEqual([one.sockets.size, two.sockets.size], [1, 2]);
		assert.deepEqual([one.publish("news", "1"), two.publish("news", "2")], [1, 2]);
		const [first, ...others] = clients;
		await Promise.all([one.close(), first && leave(first)]);
		assert.deepEqual([one.sockets.size, two.sockets.size], [0, 2]);
		assert.equal(await answerTo(port, at("/one")), NOT_FOUND);
		await Promise.all([two.close(), ...others.map(leave)]);
		assert.deepEqual(
			clients.map(({ text }) => text.slice(switching().length)),
			["1", "2", "2"].map((text) => `\x81\x01${text}${GOING_AWAY}`),
		);
		assert.equal(server.listenerCount("upgrade"), 0);
		await close();
	},
	async "of several that would take it, the first does"() {
		const { server, port, close } = await http();
		const attached = ["first", "second"].map((text) => attach(server, { open: (socket) => void socket.send(text) }));
		const answer = await answerTo(port, asking(), HI_AND_CLOSE);
		assert.ok(answer.includes("first") && !answer.includes("second"), answer);
		for (const each of attached) await each.close();
		await close();
	},
	async "a path that nobody takes gets 404"() {
		const { server, port, close } = await http();
		const seen: string[] = [];
		const observe = (observed: Observed): void => {
			if (observed.type === "refused") seen.push(`${observed.status} ${observed.reason}`);
		};
		const attached = attach(server, { ...ECHOING, path: "/chat", observe });
		for (const path of ["/", "/chat/", "/Chat", "/chat2", "/%63hat", "/other?/chat"])
			assert.equal(await answerTo(port, at(path)), NOT_FOUND, path);
		assert.equal(seen.join(), "404 path,".repeat(6).slice(0, -1));
		await assertEchoes(port, "/chat?a=b");
		await assertEchoes(port, "http://server.example.com/chat");
		await attached.close();
		await close();
	},
	async "by a function of the path; one that throws takes nothing"() {
		const { server, port, close } = await http();
		const errors: unknown[] = [];
		const attached = attach(server, {
			...ECHOING,
			path(path, { method, fields }) {
				if (path === "/broken") throw new Error("broken");
				return path.startsWith("/rooms/") && method === "GET" && fields[0]?.[1] === "server.example.com";
			},
			error: (error) => void errors.push(`${error}`),
		});
		await assertEchoes(port, "/rooms/1?a=b");
		assert.equal(await answerTo(port, at("/room")), NOT_FOUND);
		assert.equal(await answerTo(port, at("/broken")), NOT_FOUND);
		assert.deepEqual(errors, ["Error: broken"]);
		await attached.close();
		await close();
	},
	async "what no attachment takes is left to another listener"() {
		const { server, port, close } = await http();
		const seen: Observed["type"][] = [];
		const attached = attach(server, { ...ECHOING, path: "/chat", observe: ({ type }) => void seen.push(type) });
		const others: (string | undefined)[] = [];
		server.on("upgrade", ({ url }, socket, early) => {
			if (url === "/chat") return;
			others.push(url);
			socket.end(`HTTP/1.1 101 Other\r\n\r\n${early.toString()}`);
		});
		const client = await RawClient.open(port);
		client.write(`${at("/other")}early`);
		await client.until(/early$/);
		await client.close();
		assert.equal(client.text, "HTTP/1.1 101 Other\r\n\r\nearly");
		await assertEchoes(port, "/chat");
		await attached.close();
		assert.deepEqual(others, ["/other"]);
		assert.deepEqual(seen, ["accepted", "upgraded", "closed"]);
		assert.equal(server.listenerCount("upgrade"), 1);
		await close();
	},
	async "another upgrade on our path gets 426, and no request is answered behind it"() {
		const { server, port, close } = await http();
		const attached = attach(server, { ...ECHOING, path: "/chat" });
		const h2c = asking({ upgrade: "Upgrade: h2c", more: "HTTP2-Settings: AAMAAABkAAQAAP__" });
		assert.equal(
			await answerTo(port, h2c + request("GET /smuggled HTTP/1.1")),
			`${head(
				"HTTP/1.1 426 Upgrade Required",
				"content-type: text/plain; charset=utf-8",
				"upgrade: websocket",
				"date: D",
				"content-length: 32",
				"connection: upgrade, close",
			)}this path speaks WebSocket only\n`,
		);
		await assertAnswers(port);
		await attached.close();
		await close();
	},
	async "where the HTTP server was told that only WebSocket is an upgrade, another one is a request"() {
		const shouldUpgradeCallback = ({ headers }: IncomingMessage): boolean => headers.upgrade === "websocket";
		const { server, port, close } = await http({ shouldUpgradeCallback });
		const attached = attach(server, ECHOING);
		const h2c = asking({ upgrade: "Upgrade: h2c", more: "HTTP2-Settings: AAMAAABkAAQAAP__" });
		const client = await RawClient.open(port);
		client.write(h2c);
		assert.match(await client.until(/\/chat$/), /^HTTP\/1.1 200 /);
		await client.close();
		await assertEchoes(port);
		await attached.close();
		await close();
	},
	async "a handshake that breaks a rule is told which"() {
		const { server, port, close } = await http();
		const attached = attach(server, ECHOING);
		const answers = [
			asking({ key: "Sec-WebSocket-Key: short" }),
			asking({ version: "Sec-WebSocket-Version: 8" }),
			asking({ line: "POST /chat HTTP/1.1" }),
			`${asking({ more: "Content-Length: 3" })}abc`,
		].map((sent) => answerTo(port, sent));
		assert.deepEqual(
			(await Promise.all(answers)).map((answer) => answer.slice(9, 12)),
			["400", "426", "405", "400"],
		);
		await attached.close();
		await close();
	},
});

const ending = family("attached, and the end", "server", {
	async "close() ends the sockets, and the HTTP server goes on"() {
		const { server, port, close } = await http();
		const attached = attach(server, ECHOING);
		const client = await RawClient.open(port);
		client.write(asking());
		await client.until(/\r\n\r\n$/);
		await Promise.all([attached.close(), leave(client)]);
		await assertAnswers(port);
		const again = attach(server, ECHOING);
		await assertEchoes(port);
		await again.close();
		await close();
	},
	async "the HTTP server closes first: it is closed once the sockets are"() {
		const { server, port, close } = await http();
		const attached = attach(server, ECHOING);
		const client = await RawClient.open(port);
		client.write(asking());
		await client.until(/\r\n\r\n$/);
		let isClosed = false;
		const closed = close().then(() => {
			isClosed = true;
		});
		client.write(HI_AND_CLOSE.subarray(0, 8));
		await client.until(/hi$/);
		assert.equal(isClosed, false);
		await Promise.all([attached.close(), leave(client)]);
		await closed;
	},
	async "what is still being decided when it closes gets 503"() {
		const { server, port, close } = await http();
		const asked = new Inbox<() => void>();
		const attached = attach(server, {
			upgrade: () => new Promise<Accepted<undefined>>((resolve) => asked.push(() => resolve(accept()))),
		});
		const client = await RawClient.open(port);
		client.write(asking());
		const letIn = await asked.next();
		const closed = attached.close();
		letIn();
		await client.close();
		await closed;
		assertWhole(client.text, 503);
		await close();
	},
});

const RESET = "the stream is reset";

const broken = family("attached, and broken off", "server", {
	// Bun's node:http shows a reset as an end.
	async [RESET](runtime) {
		const { server, port, close } = await http();
		const opened = new Inbox<Socket>();
		const attached = attach(server, { open: (socket) => opened.push(socket) });
		const client = await RawClient.open(port);
		client.write(asking());
		const socket = await opened.next();
		await client.until(/\r\n\r\n$/);
		await client.reset();
		const { code, error } = await socket.closed;
		assert.deepEqual([code, error?.kind], [1006, runtime.name === "bun" ? "stream-ended" : "stream-reset"]);
		await attached.close();
		await close();
	},
});

/** What the suite asks of `serve`, asked of what is attached to an HTTP server. */
const sameAsServe: readonly Case[] = [...serverUpgrade, ...closing]
	.filter(({ role, family: of, name }) => role === "server" && !of.includes("compress") && name !== RESET)
	.map((each) => ({ ...each, family: `${each.family}, attached`, run: (runtime) => each.run(attachedOn(runtime)) }));

export const attaching: readonly Case[] = [...taking, ...beside, ...ending, ...broken, ...sameAsServe];
