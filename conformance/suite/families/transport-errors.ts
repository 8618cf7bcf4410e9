import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
	ConnectionError,
	HandshakeError,
	type ServeOptions,
	SocketClosedError,
	TransportError,
} from "@barewire/endpoint";
import { UsageError } from "@barewire/framing";
import { portOf, type RawClient } from "../../raw-client.ts";
import { type Case, family } from "../case.ts";
import { assertTransportError, failure, shown, withFolder } from "../failing.ts";
import { meet } from "../meeting.ts";
import { RawServer } from "../raw-server.ts";
import type { Runtime } from "../runtime.ts";

const IN_USE = "the address is in use already: stop the other program, remove a stale socket file, or choose another";
const NO_PATH =
	"the path can't be used for a socket (is it there, or its directory when listening? is it short enough?)";

/** A port that nobody listens on. One that was just given up may be somebody else's by the time it is dialled. */
const REFUSED_PORT = 1;

// docs/errors.md has the codes in one table.
const listening = family("transport errors", "server", {
	async "a port in use"(runtime) {
		const server = await runtime.serve({ port: 0 });
		const port = portOf(server);
		const error = await failure(() => runtime.serve({ port }));
		assertTransportError(error, "ERR_ADDRESS_IN_USE", `cannot listen on 127.0.0.1:${port}: ${IN_USE}`);
		await server.close();
	},
	async "a port that was given up is free again"(runtime) {
		const first = await runtime.serve({ port: 0 });
		const port = portOf(first);
		await first.close();
		const server = await runtime.serve({ port });
		assert.equal(portOf(server), port);
		await server.close();
	},
	async "an address of another machine"(runtime) {
		// RFC 5737: 192.0.2.0/24 is nobody's.
		const error = await failure(() => runtime.serve({ hostname: "192.0.2.1", port: 0 }));
		const message = "cannot listen on 192.0.2.1:0: this machine does not have that address";
		assertTransportError(error, "ERR_ADDRESS_UNAVAILABLE", message);
	},
	async "a name that does not resolve"(runtime) {
		// RFC 6761 §6.4: `.invalid` never does.
		const error = await failure(() => runtime.serve({ hostname: "host.invalid", port: 0 }));
		const message = "cannot listen on host.invalid:0: the host name does not resolve";
		assertTransportError(error, "ERR_NAME_NOT_RESOLVED", message);
	},
	async "a path that a server listens on"(runtime) {
		await withFolder(async (folder) => {
			const path = join(folder, "used.sock");
			const server = await runtime.serve({ path });
			const error = await failure(() => runtime.serve({ path }));
			assertTransportError(error, "ERR_ADDRESS_IN_USE", `cannot listen on ${path}: ${IN_USE}`);
			// The attempt did not harm the one that listens.
			const socket = await runtime.connect("ws://localhost/", { path });
			socket.close();
			await socket.closed;
			await server.close();
			assert.equal(existsSync(path), false, "the socket file was left");
			await (await runtime.serve({ path })).close();
		});
	},
	async "a path of a file"(runtime) {
		await withFolder(async (folder) => {
			const path = join(folder, "file");
			writeFileSync(path, "precious");
			const error = await failure(() => runtime.serve({ path }));
			assertTransportError(error, "ERR_ADDRESS_IN_USE", `cannot listen on ${path}: ${IN_USE}`);
			assert.equal(existsSync(path), true, "the file was removed");
		});
	},
	async "a path of a directory"(runtime) {
		await withFolder(async (path) => {
			const error = await failure(() => runtime.serve({ path }));
			assertTransportError(error, "ERR_ADDRESS_IN_USE", `cannot listen on ${path}: ${IN_USE}`);
		});
	},
	async "a path in a directory that is not there"(runtime) {
		await withFolder(async (folder) => {
			const path = join(folder, "missing", "app.sock");
			const error = await failure(() => runtime.serve({ path }));
			assertTransportError(error, "ERR_PATH", `cannot listen on ${path}: ${NO_PATH}`);
		});
	},
	async "a path in a file"(runtime) {
		const error = await failure(() => runtime.serve({ path: "/dev/null/app.sock" }));
		assertTransportError(error, "ERR_PATH", `cannot listen on /dev/null/app.sock: ${NO_PATH}`);
	},
	async "a path that is too long for a socket"(runtime) {
		await withFolder(async (folder) => {
			const path = join(folder, "x".repeat(200));
			const error = await failure(() => runtime.serve({ path }));
			assert.ok(error instanceof TransportError);
			assert.deepEqual([error.code, error.message], ["ERR_PATH", `cannot listen on ${path}: ${NO_PATH}`]);
		});
	},
	async "a wrong option is named"(runtime) {
		const error = await failure(() => runtime.serve({ port: "80" } as unknown as ServeOptions<undefined>));
		assert.ok(error instanceof UsageError);
		const message = 'the option `port` must be a whole number from 0 to 65535, not "80"';
		assert.deepEqual(shown(error), { name: "UsageError", code: "ERR_OPTION", message });
	},
	async "an unknown option is named"(runtime) {
		const error = await failure(() => runtime.serve({ port: 0, prot: 80 } as ServeOptions<undefined>));
		assert.ok(error instanceof UsageError);
		assert.equal(error.code, "ERR_OPTION");
		assert.match(error.message, /^unknown option `prot`; known are hostname, port, /);
	},
});

/** Connects to a raw server that does this with what came. */
async function failureWith(
	runtime: Runtime,
	answer: (peer: RawClient) => Promise<unknown> | undefined,
	timeouts: { handshake?: number } = {},
	scheme: "ws" | "wss" = "ws",
): Promise<{ error: Error & { readonly code?: unknown }; port: number }> {
	const server = await RawServer.open();
	const failing = failure(() => runtime.connect(server.url.replace("ws:", `${scheme}:`), { timeouts }));
	const peer = await server.next();
	await answer(peer);
	const error = await failing;
	peer.socket.destroy();
	await peer.gone;
	server.close();
	return { error, port: server.port };
}

function assertHandshakeError(error: Error, code: HandshakeError["code"], message: string): void {
	assert.ok(error instanceof HandshakeError);
	assert.deepEqual(shown(error), { name: "HandshakeError", code, message });
	assert.equal(error.response, null);
}

const dialling = family("transport errors", "client", {
	async "a refused port"(runtime) {
		const error = await failure(() => runtime.connect(`ws://127.0.0.1:${REFUSED_PORT}/`));
		const message = `cannot connect to 127.0.0.1:${REFUSED_PORT}: nobody listens there`;
		assertTransportError(error, "ERR_CONNECTION_REFUSED", message);
	},
	async "a refused port of a name with several addresses"(runtime) {
		const error = await failure(() => runtime.connect(`ws://localhost:${REFUSED_PORT}/`));
		const message = `cannot connect to localhost:${REFUSED_PORT}: nobody listens there`;
		assertTransportError(error, "ERR_CONNECTION_REFUSED", message);
	},
	async "a refused port, over TLS"(runtime) {
		const error = await failure(() => runtime.connect(`wss://127.0.0.1:${REFUSED_PORT}/`));
		const message = `cannot connect to 127.0.0.1:${REFUSED_PORT}: nobody listens there`;
		assertTransportError(error, "ERR_CONNECTION_REFUSED", message);
	},
	...Object.fromEntries(
		(["ws", "wss"] as const).map((scheme) => [
			`a name that does not resolve, ${scheme}:`,
			async (runtime: Runtime) => {
				const error = await failure(() => runtime.connect(`${scheme}://host.invalid:9/`));
				const message = "cannot connect to host.invalid:9: the host name does not resolve";
				assertTransportError(error, "ERR_NAME_NOT_RESOLVED", message);
			},
		]),
	),
	async "a path that is not there"(runtime) {
		await withFolder(async (folder) => {
			const path = join(folder, "nobody.sock");
			const error = await failure(() => runtime.connect("ws://localhost/", { path }));
			assertTransportError(error, "ERR_PATH", `cannot connect to ${path}: ${NO_PATH}`);
		});
	},
	async "a path that is too long for a socket"(runtime) {
		await withFolder(async (folder) => {
			const path = join(folder, "x".repeat(200));
			const error = await failure(() => runtime.connect("ws://localhost/", { path }));
			assert.ok(error instanceof TransportError);
			assert.deepEqual([error.code, error.message], ["ERR_PATH", `cannot connect to ${path}: ${NO_PATH}`]);
		});
	},
	async "a path of a file that is no socket"(runtime) {
		await withFolder(async (folder) => {
			const path = join(folder, "file");
			writeFileSync(path, "");
			const error = await failure(() => runtime.connect("ws://localhost/", { path }));
			// connect(2) tells a plain file from nobody on some systems only.
			const message = `cannot connect to ${path}: nobody listens there`;
			assertTransportError(error, "ERR_CONNECTION_REFUSED", message);
		});
	},
	async "a server that ends the stream at once"(runtime) {
		const { error } = await failureWith(runtime, (peer) => void peer.socket.end());
		assertHandshakeError(error, "ERR_HANDSHAKE_ENDED", "the connection ended before the handshake was complete");
	},
	async "a server that resets the stream"(runtime) {
		const { error } = await failureWith(runtime, async (peer) => {
			await peer.until(/\r\n\r\n/);
			await peer.reset();
		});
		const message = "cannot go on with the connection: the connection was reset";
		assertTransportError(error, "ERR_CONNECTION_RESET", message);
	},
	async "a server that says nothing"(runtime) {
		const { error } = await failureWith(runtime, () => undefined, { handshake: 50 });
		assertHandshakeError(error, "ERR_HANDSHAKE_TIMED_OUT", "the server did not answer the opening handshake in time");
	},
	async "a server that says nothing to a TLS handshake"(runtime) {
		const { error, port } = await failureWith(runtime, () => undefined, { handshake: 50 }, "wss");
		assert.ok(error instanceof TransportError);
		const message = `cannot connect to 127.0.0.1:${port}: the connection was not made in time`;
		assert.deepEqual([error.code, error.message], ["ERR_CONNECTION_TIMED_OUT", message]);
	},
	async "a server that speaks something else"(runtime) {
		const { error } = await failureWith(runtime, (peer) => void peer.write("220 mail.example.com ESMTP\r\n"));
		assert.ok(error instanceof HandshakeError);
		assert.equal(error.code, "ERR_HANDSHAKE_INVALID");
	},
	async "a caller that gives up gets the signal's own reason"(runtime) {
		const reason = new Error("changed my mind");
		const controller = new AbortController();
		const server = await RawServer.open();
		const failing = failure(() => runtime.connect(server.url, { signal: controller.signal }));
		const peer = await server.next();
		await peer.until(/\r\n\r\n/);
		controller.abort(reason);
		assert.equal(await failing, reason);
		assert.equal(await failure(() => runtime.connect(server.url, { signal: controller.signal })), reason);
		await peer.ended;
		peer.socket.destroy();
		await peer.gone;
		server.close();
	},
	async "a caller that gives up in the middle of a TLS handshake"(runtime) {
		const reason = new Error("changed my mind");
		const controller = new AbortController();
		const server = await RawServer.open();
		const url = server.url.replace("ws:", "wss:");
		const failing = failure(() => runtime.connect(url, { signal: controller.signal }));
		const peer = await server.next();
		// The ClientHello has come.
		await peer.untilLength(1);
		controller.abort(reason);
		assert.equal(await failing, reason);
		peer.socket.destroy();
		await peer.gone;
		server.close();
	},
	async "a wrong option is named"(runtime) {
		const options = { timeouts: { handshake: -1 } };
		const error = await failure(() => runtime.connect("ws://127.0.0.1:9/", options));
		assert.ok(error instanceof UsageError);
		const message = "the option `timeouts.handshake` must be a positive number of milliseconds, or Infinity, not -1";
		assert.deepEqual(shown(error), { name: "UsageError", code: "ERR_OPTION", message });
	},
	async "what is no WebSocket URL"(runtime) {
		const error = await failure(() => runtime.connect("ftp://127.0.0.1/"));
		assert.ok(error instanceof UsageError);
		const message = '"ftp://127.0.0.1/" is not a WebSocket URL: write ws://host/path or wss://host/path';
		assert.deepEqual(shown(error), { name: "UsageError", code: "ERR_URL", message });
	},
	async "the errors of a socket that was reset"(runtime) {
		const meeting = await meet(runtime, "client");
		const pinging = failure(() => meeting.socket.ping());
		await meeting.untilFrames(1);
		await meeting.peer.reset();
		const { error } = await meeting.socket.closed;
		assert.ok(error instanceof ConnectionError);
		const { name, message, kind, closeCode, section } = error;
		assert.deepEqual(
			{ name, message, kind, closeCode, section },
			{
				name: "ConnectionError",
				message: "the connection was reset (RFC 6455 §7.1.5)",
				kind: "stream-reset",
				closeCode: 1006,
				section: "RFC 6455 §7.1.5",
			},
		);
		for (const rejected of [await pinging, await failure(() => meeting.socket.drained())]) {
			assert.ok(rejected instanceof SocketClosedError);
			const wanted = { name: "SocketClosedError", code: "ERR_SOCKET_CLOSED", message: "the socket is closed" };
			assert.deepEqual(shown(rejected), wanted);
		}
		await meeting.leave();
	},
});

export const transportErrors: readonly Case[] = [...listening, ...dialling];
