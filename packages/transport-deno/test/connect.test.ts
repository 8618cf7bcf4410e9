import assert from "node:assert/strict";
import { connect, type Server, serve } from "../src/index.ts";
import { LOCALHOST, OTHER } from "./certificates.ts";

const ca = LOCALHOST.cert;

/** Listens, and does that to the first connection; a port. */
async function withPeer(behave: (conn: Deno.TcpConn) => Promise<void>, check: (port: number) => Promise<void>) {
	using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
	const served = listener.accept().then(async (conn) => {
		await behave(conn);
		conn.close();
	});
	await check(listener.addr.port);
	await served;
}

function urlOf({ address }: Pick<Server, "address">, scheme: string, hostname: string = "127.0.0.1"): string {
	return `${scheme}://${hostname}:${address.transport === "tcp" ? address.port : 0}/`;
}

Deno.test("a port that nobody listens on", async () => {
	// Not one that the system has just chosen for us: it may choose it for another program next.
	const port = 1;
	for (const hostname of ["127.0.0.1", "localhost"]) {
		for (const scheme of ["ws", "wss"]) {
			await assert.rejects(connect(`${scheme}://${hostname}:${port}/`), {
				name: "TransportError",
				code: "ERR_CONNECTION_REFUSED",
				message: `cannot connect to ${hostname}:${port}: nobody listens there`,
			});
		}
	}
});

Deno.test("a name that does not resolve, a path that is not there", async () => {
	const refused = { name: "TransportError", code: "ERR_NAME_NOT_RESOLVED" };
	await assert.rejects(connect("ws://nowhere.invalid/"), refused);
	await assert.rejects(connect("wss://nowhere.invalid/"), refused);
	await assert.rejects(connect("ws://a/", { path: "/nowhere/s.sock" }), { name: "TransportError", code: "ERR_PATH" });
});

Deno.test("a server that hangs up", async () => {
	await withPeer(
		async () => {},
		(port) => assert.rejects(connect(`ws://127.0.0.1:${port}/`), { code: "ERR_HANDSHAKE_ENDED" }),
	);
	await withPeer(
		async () => {},
		(port) =>
			assert.rejects(connect(`wss://127.0.0.1:${port}/`), { name: "TransportError", code: "ERR_CONNECTION_RESET" }),
	);
});

Deno.test("plain TCP where TLS is expected, and TLS where plain TCP is", async () => {
	await withPeer(
		async (conn) => {
			await conn.read(new Uint8Array(1024));
			await conn.write(new TextEncoder().encode("HTTP/1.1 400 Bad Request\r\n\r\n"));
		},
		(port) => assert.rejects(connect(`wss://127.0.0.1:${port}/`), { name: "TransportError", code: "ERR_TLS" }),
	);
	const server = await serve({ port: 0, tls: LOCALHOST });
	// A TLS alert, if it comes at all, is no HTTP.
	const code = /^ERR_HANDSHAKE_(INVALID|ENDED)$/;
	await assert.rejects(connect(urlOf(server, "ws")), { name: "HandshakeError", code });
	await server.close();
});

Deno.test("a certificate that nobody vouches for, and one for another name, are not trusted", async () => {
	for (const [tls, trusted] of [
		[LOCALHOST, {}],
		[LOCALHOST, { ca: "authority" }],
		[OTHER, { ca: OTHER.cert }],
	] as const) {
		const server = await serve({ port: 0, tls });
		await assert.rejects(connect(urlOf(server, "wss"), { tls: trusted }), {
			name: "TransportError",
			code: "ERR_TLS_CERTIFICATE",
			message: /: the peer's certificate is not trusted .*, or is not for that name$/,
		});
		assert.deepEqual(server.connections, []);
		await server.close();
	}
});

Deno.test("TLS by name and by address", async () => {
	const server = await serve({ port: 0, tls: LOCALHOST });
	for (const hostname of ["127.0.0.1", "localhost"]) {
		const socket = await connect(urlOf(server, "wss", hostname), { tls: { ca } });
		socket.close(1000);
		assert.equal((await socket.closed).wasClean, true);
	}
	await server.close();
});

Deno.test("an offer of HTTP/1.1 is what a TLS server sees", async () => {
	using listener = Deno.listenTls({ ...LOCALHOST, hostname: "127.0.0.1", port: 0, alpnProtocols: ["h2", "http/1.1"] });
	const served = listener.accept().then(async (conn) => {
		const { alpnProtocol } = await conn.handshake();
		conn.close();
		return alpnProtocol;
	});
	await assert.rejects(connect(`wss://127.0.0.1:${listener.addr.port}/`, { tls: { ca } }));
	assert.equal(await served, "http/1.1");
});

Deno.test("the signal gives up an opening handshake that is not answered, and its connection", async () => {
	const controller = new AbortController();
	const reason = new Error("enough");
	const gaveUp = { message: "enough" };
	await withPeer(
		async (conn) => {
			await conn.read(new Uint8Array(1024));
			controller.abort(reason);
			assert.equal(await conn.read(new Uint8Array(1024)), null);
		},
		(port) => assert.rejects(connect(`ws://127.0.0.1:${port}/`, { signal: controller.signal }), gaveUp),
	);
	await assert.rejects(connect("ws://127.0.0.1:1/", { signal: controller.signal }), gaveUp);
});

Deno.test("the signal gives up a TLS handshake that is not answered", async () => {
	const controller = new AbortController();
	await withPeer(
		async (conn) => {
			await conn.read(new Uint8Array(4096));
			// Deno closes the client's socket only after this end has acted.
			controller.abort(new Error("enough"));
		},
		(port) => assert.rejects(connect(`wss://127.0.0.1:${port}/`, { signal: controller.signal }), { message: "enough" }),
	);
});

Deno.test("the signal gives up dialling at once, on TCP, TLS and Unix domain sockets", async () => {
	const path = `${await Deno.makeTempDir()}/s`;
	using _listener = Deno.listen({ transport: "unix", path });
	using tcp = Deno.listen({ hostname: "127.0.0.1", port: 0 });
	for (const [scheme, options] of [
		["ws", {}],
		["wss", {}],
		["ws", { path }],
	] as const) {
		const controller = new AbortController();
		const socket = connect(`${scheme}://127.0.0.1:${tcp.addr.port}/`, { ...options, signal: controller.signal });
		controller.abort(new Error("at once"));
		await assert.rejects(socket, { message: "at once" });
		// What was dialled in spite of that is closed again: the sanitizers of Deno.test would find it.
		for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve, 0));
	}
});

// The system tells what a process has open on Linux.
const isLinux = Deno.build.os === "linux";
Deno.test("no connection is left behind that is made just when the signal gives up", { ignore: !isLinux }, async () => {
	const descriptors = () => [...Deno.readDirSync("/proc/self/fd")].length;
	using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
	const before = descriptors();
	for (let round = 0; round < 5; round++) {
		const dialled = Array.from({ length: 20 }, (_, index) => {
			const controller = new AbortController();
			const socket = connect(`ws://127.0.0.1:${listener.addr.port}/`, { signal: controller.signal });
			setTimeout(() => controller.abort(new Error("enough")), index % 2);
			return assert.rejects(socket, { message: "enough" });
		});
		await Promise.all(dialled);
	}
	// A connection that is left behind stays: the other ones are gone some turns later.
	for (let turn = 0; descriptors() > before && turn < 200; turn++)
		await new Promise((resolve) => setTimeout(resolve, 0));
	assert.ok(descriptors() <= before);
});

Deno.test("a TLS server that does not answer in time", async () => {
	const answered = Promise.withResolvers<void>();
	await withPeer(
		() => answered.promise,
		async (port) => {
			await assert.rejects(connect(`wss://127.0.0.1:${port}/`, { timeouts: { handshake: 50 } }), {
				name: "TransportError",
				code: "ERR_CONNECTION_TIMED_OUT",
			});
			answered.resolve();
		},
	);
});
