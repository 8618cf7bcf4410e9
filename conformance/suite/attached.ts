import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server as HttpServer, type RequestListener, type ServerOptions } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AttachOptions, attach, type Server } from "@barewire/transport-node";
import { fromHex } from "../arbitraries/bytes.ts";
import { ISSUED } from "../fixtures/certificates.ts";
import type { Runtime } from "./runtime.ts";
import { frameFor } from "./wire-frames.ts";

// The runtime's own `node:http`, whichever it is, and the adapter that adds WebSockets to it.

/** A text and a Close frame, as a client sends them. */
export const HI_AND_CLOSE: Uint8Array = Buffer.concat(
	["81026869", "880203e8"].map((hex) => frameFor("server", fromHex(hex))),
);

/** What an echo server answers to that. */
export const ECHOED = "\x81\x02hi\x88\x02\x03\xe8";

/** An HTTP server of the runtime's that listens. */
export interface Http {
	readonly server: HttpServer;
	readonly port: number;
	/** Stops listening; resolves when the last connection is gone. */
	close(): Promise<void>;
}

/** Answers each request with its path. */
const echo: RequestListener = (request, response) => void response.end(request.url);

export async function listening(server: HttpServer, place: number | string = 0): Promise<Http> {
	if (typeof place === "string") server.listen(place);
	else server.listen(place, "127.0.0.1");
	await once(server, "listening");
	const bound = server.address();
	return {
		server,
		port: typeof bound === "object" && bound !== null ? bound.port : 0,
		close: () => {
			const closed = once(server, "close");
			server.close();
			server.closeIdleConnections();
			return closed.then(() => {});
		},
	};
}

/** One over TCP. */
export function http(options: ServerOptions = {}, answer: RequestListener = echo): Promise<Http> {
	return listening(createServer(options, answer));
}

/** One over TLS. */
export function https(answer: RequestListener = echo): Promise<Http> {
	return listening(createTlsServer({ key: ISSUED.key, cert: ISSUED.cert }, answer));
}

/** Fails unless this is a whole answer of that status, with its length, and nothing behind it. */
export function assertWhole(answer: string, status: number): void {
	const [head = "", length] = /^.*?\r\ncontent-length: (\d+)\r\n.*?\r\n\r\n/s.exec(answer) ?? [];
	assert.deepEqual([answer.slice(0, 13), answer.length], [`HTTP/1.1 ${status} `, head.length + Number(length)]);
}

/** Sends each message back. */
export const ECHOING: Pick<AttachOptions, "message"> = { message: (socket, message) => void socket.send(message) };

/** The runtime with HTTP servers in the place of its own: `serve` attaches to a new one, which ends with what it returns. */
export function attachedOn(runtime: Runtime): Runtime {
	return {
		...runtime,
		serve: (async ({ port = 0, fetch: _, ...options }: { port?: number; fetch?: unknown }) => {
			const { server: httpServer } = await listening(createServer(), port);
			const server: Server<unknown> = attach(httpServer, options as AttachOptions<unknown>);
			const close = server.close.bind(server);
			server.close = (how) => {
				httpServer.close();
				return close(how);
			};
			return server;
		}) as unknown as Runtime["serve"],
	};
}
