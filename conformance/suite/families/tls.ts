import assert from "node:assert/strict";
import { once } from "node:events";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { type ConnectOptions, type ServeOptions, type Server, type Socket, TransportError } from "@barewire/endpoint";
import { EXPIRED, ISSUED, LOCALHOST, MISNAMED, OTHER } from "../../fixtures/certificates.ts";
import { Inbox } from "../../interop/inbox.ts";
import { handshake, portOf, RawClient } from "../../raw-client.ts";
import { type Case, family } from "../case.ts";
import { assertTransportError, failure, shown } from "../failing.ts";
import { assertBytes, pattern } from "../pattern.ts";
import { RawServer } from "../raw-server.ts";
import type { Runtime } from "../runtime.ts";

const { cert: ca } = LOCALHOST;
const UNTRUSTED = "the peer's certificate is not trusted (the option `tls.ca` sets what is), or is not for that name";
const BAD_KEY =
	"the TLS key and certificate can't be read (give the PEM text itself, not a file's name, and a key without a passphrase) or don't belong together";

interface Echo {
	readonly server: Server;
	readonly port: number;
	readonly opened: Inbox<Socket>;
	connect(options?: ConnectOptions): Promise<Socket>;
	/** A message goes round and the socket closes in order: it serves, whatever has happened to it. */
	stillServes(): Promise<void>;
}

/** Does that with a server that sends each message back over TLS, and closes it. */
function withEcho(
	check: (echo: Echo, runtime: Runtime) => Promise<void>,
	options: Partial<ServeOptions<undefined>> = {},
) {
	return async (runtime: Runtime): Promise<void> => {
		const opened = new Inbox<Socket>();
		const errors: unknown[] = [];
		const server = await runtime.serve({
			port: 0,
			tls: ISSUED,
			open: (socket) => opened.push(socket),
			message: (socket, message) => void socket.send(message),
			error: (error) => void errors.push(error),
			...options,
		});
		const port = portOf(server);
		const connect = (given: ConnectOptions = { tls: { ca } }): Promise<Socket> =>
			runtime.connect(`wss://127.0.0.1:${port}/`, given);
		const stillServes = async (): Promise<void> => {
			const client = await connect();
			const socket = await opened.next();
			client.send("still here");
			assert.deepEqual(await client[Symbol.asyncIterator]().next(), { done: false, value: "still here" });
			client.close(1000);
			assert.equal((await socket.closed).wasClean, true);
			assert.equal((await client.closed).wasClean, true);
		};
		await check({ server, port, opened, connect, stillServes }, runtime);
		await server.close();
		assert.deepEqual(errors, []);
	};
}

/** A raw client under TLS, with a text reader. */
async function rawTls(port: number): Promise<{ socket: TLSSocket; text(until: RegExp): Promise<string> }> {
	const socket = connectTls({ host: "127.0.0.1", port, ca });
	await once(socket, "secureConnect");
	let all = "";
	return {
		socket,
		async text(until) {
			while (!until.test(all)) all += ((await once(socket, "data")) as [Buffer])[0].toString("latin1");
			return all;
		},
	};
}

/** Connecting fails for the certificate, and the server goes on. */
async function assertUntrusted(echo: Echo, connecting: () => Promise<Socket>, host: string = "127.0.0.1") {
	const message = `cannot connect to ${host}:${echo.port}: ${UNTRUSTED}`;
	assertTransportError(await failure(connecting), "ERR_TLS_CERTIFICATE", message);
}

// The first bytes of a ClientHello, and some that are none.
const BEGINNINGS: readonly [name: string, bytes: string][] = [
	["nothing", ""],
	["one byte", "\x16"],
	["the beginning of a ClientHello", "\x16\x03\x01\x02\x00\x01\x00"],
	["garbage", "\xff".repeat(600)],
	["plain HTTP", "GET / HTTP/1.1\r\n\r\n"],
];

const serving = family("tls", "server", {
	"a message of 1 MiB goes round; both ends know that the hop is secure": withEcho(async ({ connect, opened }) => {
		const client = await connect();
		const socket = await opened.next();
		assert.deepEqual([client.secure, socket.secure], [true, true]);
		assert.deepEqual([client.local, client.remote], [socket.remote, socket.local]);
		const message = pattern(1 << 20);
		client.send(message);
		const { value } = await client[Symbol.asyncIterator]().next();
		assertBytes(value as Uint8Array, message);
		client.close(4000, "done");
		const clean = { code: 4000, wasClean: true, stage: "closed", unsent: 0 };
		assert.deepEqual(await socket.closed, { ...clean, reason: "done", by: "peer" });
		// The answer to a Close frame repeats its code alone (RFC 6455 §5.5.1).
		assert.deepEqual(await client.closed, { ...clean, reason: "", by: "local" });
	}),
	"plain HTTP's requests work the same on that port": withEcho(
		async ({ port }) => {
			const { socket, text } = await rawTls(port);
			socket.write("GET /page HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
			const answer = await text(/ true$/);
			assert.ok(answer.includes("https://127.0.0.1/page true"), answer);
			socket.destroy();
		},
		{ fetch: (request, info) => new Response(`${request.url} ${info.secure}`) },
	),
	...Object.fromEntries(
		[
			["a page of the same origin is let in", "https", "101"] as const,
			["a page of another scheme is refused", "http", "403"] as const,
		].map(([name, scheme, status]) => [
			name,
			withEcho(async ({ port }) => {
				const { socket, text } = await rawTls(port);
				socket.write(handshake(port, `Origin: ${scheme}://127.0.0.1:${port}`));
				assert.match(await text(/\r\n\r\n/), new RegExp(`^HTTP/1\\.1 ${status} `));
				socket.destroy();
			}),
		]),
	),
	"without a limit for the handshake": withEcho(({ stillServes }) => stillServes(), {
		timeouts: { handshake: Number.POSITIVE_INFINITY },
	}),
	"plaintext on that port": withEcho(async ({ port, stillServes }, runtime) => {
		const error = await failure(() => runtime.connect(`ws://127.0.0.1:${port}/`));
		const message = "the connection ended before the handshake was complete";
		assert.deepEqual(shown(error), { name: "HandshakeError", code: "ERR_HANDSHAKE_ENDED", message });
		await stillServes();
	}),
	...Object.fromEntries(
		BEGINNINGS.map(([name, bytes]) => [
			`a reset in the middle of the TLS handshake, after ${name}`,
			withEcho(async ({ port, stillServes }) => {
				const client = await RawClient.open(port);
				client.write(bytes);
				await client.reset();
				await stillServes();
			}),
		]),
	),
	...Object.fromEntries(
		BEGINNINGS.map(([name, bytes]) => [
			`clients that never complete the TLS handshake are nobody's connections, and hold nobody up, after ${name}`,
			withEcho(async ({ port, server, stillServes }) => {
				const [waiting, ended] = await Promise.all([RawClient.open(port), RawClient.open(port)]);
				for (const client of [waiting, ended]) client.write(bytes);
				ended.socket.end();
				await stillServes();
				const served = server.connections.map(({ remote }) => remote.transport === "tcp" && remote.port);
				for (const client of [waiting, ended]) assert.ok(!served.includes(client.socket.localPort ?? 0));
				// With the two still there. What their own sockets come to is for the runtime: Deno can't drop them.
				await server.close();
				for (const client of [waiting, ended]) client.socket.destroy();
			}),
		]),
	),
	...Object.fromEntries(
		[
			["a key that does not belong to the certificate", { key: OTHER.key, cert: ISSUED.cert }] as const,
			["a key that is no PEM", { key: "key", cert: ISSUED.cert }] as const,
			["a certificate that is no PEM", { key: ISSUED.key, cert: "certificate" }] as const,
			["a key that is empty", { key: "", cert: ISSUED.cert }] as const,
			["a certificate that is empty", { key: ISSUED.key, cert: new Uint8Array(0) }] as const,
			["bytes that are no PEM", { key: new Uint8Array(8), cert: new Uint8Array(8) }] as const,
		].map(([name, tls]) => [
			`${name} can't serve`,
			async (runtime: Runtime) => {
				const error = await failure(() => runtime.serve({ port: 0, tls }));
				assert.ok(error instanceof TransportError);
				const message = `cannot listen on 127.0.0.1:0: ${BAD_KEY}`;
				assert.deepEqual(shown(error), { name: "TransportError", code: "ERR_TLS_KEY", message });
			},
		]),
	),
	"key and certificate as bytes": withEcho(({ stillServes }) => stillServes(), {
		tls: { key: Buffer.from(ISSUED.key), cert: Buffer.from(ISSUED.cert) },
	}),
});

const dialling = family("tls", "client", {
	"a certificate that nobody vouches for": withEcho(async (echo) => {
		await assertUntrusted(echo, () => echo.connect({}));
		await echo.stillServes();
	}),
	"a certificate of an unknown authority": withEcho(async (echo) => {
		await assertUntrusted(echo, () => echo.connect({ tls: { ca: OTHER.cert } }));
		await echo.stillServes();
	}),
	"a certificate for another name": withEcho(
		async (echo) => assertUntrusted(echo, () => echo.connect({ tls: { ca } })),
		{ tls: MISNAMED },
	),
	"a certificate for another name, where the server has a name": withEcho(
		async (echo, runtime) => {
			const url = `wss://localhost:${echo.port}/`;
			await assertUntrusted(echo, () => runtime.connect(url, { tls: { ca } }), "localhost");
		},
		{ tls: MISNAMED, hostname: "localhost" },
	),
	"a certificate that has expired": withEcho(
		async (echo) => assertUntrusted(echo, () => echo.connect({ tls: { ca } })),
		{ tls: EXPIRED },
	),
	"one of several authorities, and a name instead of an address": withEcho(
		async ({ port }, runtime) => {
			const client = await runtime.connect(`wss://localhost:${port}/`, { tls: { ca: [OTHER.cert, ca] } });
			client.close(1000);
			assert.equal((await client.closed).wasClean, true);
		},
		{ hostname: "localhost" },
	),
	"authorities as bytes": withEcho(async (echo) => {
		for (const trusted of [Buffer.from(ca), [Buffer.from(OTHER.cert), ca]]) {
			const client = await echo.connect({ tls: { ca: trusted } });
			client.close(1000);
			assert.equal((await client.closed).wasClean, true);
		}
	}),
	"an authority that is no PEM": withEcho(async (echo) => {
		await assertUntrusted(echo, () => echo.connect({ tls: { ca: "authority" } }));
	}),
	async "TLS to a port that speaks plain HTTP"(runtime) {
		const server = await runtime.serve({ port: 0 });
		const port = portOf(server);
		const error = await failure(() => runtime.connect(`wss://127.0.0.1:${port}/`, { tls: { ca } }));
		assertTransportError(error, "ERR_TLS", `cannot connect to 127.0.0.1:${port}: the TLS handshake failed`);
		await server.close();
	},
	...Object.fromEntries(
		["an end", "a reset"].map((end) => [
			`${end} in the middle of the TLS handshake`,
			async (runtime: Runtime) => {
				const server = await RawServer.open();
				const failing = failure(() => runtime.connect(server.url.replace("ws:", "wss:")));
				const peer = await server.next();
				// The ClientHello has come.
				await peer.untilLength(1);
				if (end === "a reset") await peer.reset();
				else await peer.close();
				const message = `cannot connect to 127.0.0.1:${server.port}: the connection was reset`;
				assertTransportError(await failing, "ERR_CONNECTION_RESET", message);
				server.close();
			},
		]),
	),
	"32 MiB to an echo that is read late": withEcho(async ({ connect }) => {
		const client = await connect();
		const MESSAGES = 32;
		for (let i = 0; i < MESSAGES; i++) client.send(pattern(1 << 20, i << 20));
		let i = 0;
		for await (const message of client) {
			assertBytes(message as Uint8Array, pattern(1 << 20, i << 20), `message ${i}`);
			if (++i === MESSAGES) client.close(1000);
		}
		assert.equal(i, MESSAGES);
		assert.equal((await client.closed).wasClean, true);
	}),
});

// RFC 6455 §10.6, and the codes of docs/errors.md.
export const tls: readonly Case[] = [...serving, ...dialling];
