import { EventEmitter } from "node:events";
import {
	createServer,
	type Server as HttpServer,
	type IncomingMessage,
	type OutgoingHttpHeaders,
	STATUS_CODES,
} from "node:http";
import type { Server as HttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { nextTick } from "node:process";
import type { Duplex } from "node:stream";
import { computeAccept, evaluateRequest, formatExtensionList, negotiateExtensions } from "@barewire/handshake";
import { agreed } from "./client.ts";
import { type AgreedExtensions, deflateOf } from "./deflate.ts";
import { type ClientInfo, DEFAULT_SOCKET_OPTIONS, type ServerOptions } from "./options.ts";
import { refusalOf } from "./refusals.ts";
import { requestHead } from "./request-head.ts";
import { WebSocket } from "./websocket.ts";

/** Called with the new client. */
export type Connected = (socket: WebSocket, request: IncomingMessage) => void;

const RUNNING = 0;
const CLOSING = 1;
const CLOSED = 2;

/** Sockets of HTTP servers that a server has taken. */
const taken: WeakSet<Duplex> = new WeakSet();

/** Until a socket is taken, the end of its client is no error of the program. */
const destroy = function (this: Duplex): void {
	this.destroy();
};

type Options = ServerOptions & typeof DEFAULT_SOCKET_OPTIONS & { WebSocket: typeof WebSocket; clientTracking: boolean };

/** A server, with the members of ws. */
export class WebSocketServer extends EventEmitter {
	/** Programs change some of these later. */
	options: Options;
	clients?: Set<WebSocket>;
	_server: HttpServer | HttpsServer | null = null;
	#removeListeners: (() => void) | null = null;
	#emitsClose = false;
	_state: number = RUNNING;

	constructor(options: ServerOptions, callback?: () => void) {
		super();
		const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
		this.options = {
			...DEFAULT_SOCKET_OPTIONS,
			perMessageDeflate: false,
			clientTracking: true,
			WebSocket,
			...given,
		};
		// Made once: sockets share compressors.
		if (this.options.perMessageDeflate === true) this.options = { ...this.options, perMessageDeflate: {} };
		// An option that can't be is told now, and not with the first client.
		deflateOf(this.options.perMessageDeflate, true);
		const { port, server, noServer, host, backlog } = this.options;
		const isPort = port !== undefined && port !== null;
		if ([isPort, Boolean(server), Boolean(noServer)].filter(Boolean).length !== 1)
			throw new TypeError('One and only one of the "port", "server", or "noServer" options must be specified');
		if (isPort) {
			this._server = createServer((_request, response) => {
				const body = STATUS_CODES[426] ?? "";
				response.writeHead(426, { "Content-Length": body.length, "Content-Type": "text/plain" });
				response.end(body);
			});
			this._server.listen(port, host, backlog, callback);
		} else if (server !== undefined) this._server = server;
		if (this._server !== null) this.#listen(this._server);
		if (this.options.clientTracking) this.clients = new Set();
	}

	#listen(server: HttpServer | HttpsServer): void {
		const listeners: Record<string, (...args: never[]) => void> = {
			listening: () => this.emit("listening"),
			error: (error: Error) => this.emit("error", error),
			upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) =>
				this.handleUpgrade(request, socket, head, (client) => this.emit("connection", client, request)),
		};
		for (const [name, listener] of Object.entries(listeners)) server.on(name, listener as () => void);
		this.#removeListeners = () => {
			for (const [name, listener] of Object.entries(listeners)) server.off(name, listener as () => void);
		};
	}

	address(): AddressInfo | string | null {
		if (this.options.noServer) throw new Error('The server is operating in "noServer" mode');
		return this._server?.address() ?? null;
	}

	/** Takes no more clients. `close` is emitted when it has stopped; clients are left alone. */
	close(callback?: (error?: Error) => void): void {
		if (this._state === CLOSED) {
			if (callback !== undefined) this.once("close", () => callback(new Error("The server is not running")));
			nextTick(() => this.#emitClose());
			return;
		}
		if (callback !== undefined) this.once("close", callback);
		if (this._state === CLOSING) return;
		this._state = CLOSING;
		const server = this._server;
		this.#removeListeners?.();
		this.#removeListeners = null;
		this._server = null;
		if (!this.options.noServer && !this.options.server) return void server?.close(() => this.#emitClose());
		if (this.clients !== undefined && this.clients.size > 0) this.#emitsClose = true;
		else nextTick(() => this.#emitClose());
	}

	#emitClose(): void {
		this._state = CLOSED;
		this.emit("close");
	}

	/** Whether the request is for this server. Programs put functions of their own in its place. */
	shouldHandle(request: IncomingMessage): boolean {
		const { path } = this.options;
		if (!path) return true;
		const { url = "" } = request;
		const query = url.indexOf("?");
		return (query < 0 ? url : url.slice(0, query)) === path;
	}

	/** Leads the opening handshake on a socket of an HTTP server. */
	handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, callback: Connected): void {
		socket.on("error", destroy);
		const evaluation = evaluateRequest(requestHead(request));
		if (!evaluation.ok) {
			const { code, message, fields } = refusalOf(evaluation.failure);
			return this.#clientError(request, socket, code, message, fields);
		}
		if (!this.shouldHandle(request)) return refuse(socket, 400);
		const { key, protocols, extensions: offers } = evaluation.request;
		const deflate = deflateOf(this.options.perMessageDeflate, true);
		const { extensions, answer } = negotiateExtensions(offers, deflate === null ? [] : [deflate.server]);
		const complete = (): void =>
			this.completeUpgrade(agreed(extensions, answer), key, new Set(protocols), request, socket, head, callback);
		const { verifyClient } = this.options;
		if (!verifyClient) return complete();
		const info: ClientInfo = {
			origin: request.headers.origin as string,
			secure: Boolean((request.socket as { encrypted?: boolean }).encrypted),
			req: request,
		};
		if (verifyClient.length !== 2)
			return (verifyClient as (info: ClientInfo) => boolean)(info) ? complete() : refuse(socket, 401);
		verifyClient(info, (isWelcome, code, message, headers) =>
			isWelcome ? complete() : refuse(socket, code || 401, message, headers),
		);
	}

	/** Answers with 101 and makes the socket. */
	completeUpgrade(
		extensions: AgreedExtensions,
		key: string,
		protocols: Set<string>,
		request: IncomingMessage,
		socket: Duplex,
		head: Buffer,
		callback: Connected,
	): void {
		// The client may have gone while `verifyClient` was making up its mind.
		if (!socket.readable || !socket.writable) return void socket.destroy();
		if (taken.has(socket))
			throw new Error(
				"server.handleUpgrade() was called more than once with the same socket, possibly due to a misconfiguration",
			);
		if (this._state > RUNNING) return refuse(socket, 503);
		taken.add(socket);
		const client = new this.options.WebSocket(null, undefined, this.options as never);
		const lines = [
			"HTTP/1.1 101 Switching Protocols",
			"Upgrade: websocket",
			"Connection: Upgrade",
			`Sec-WebSocket-Accept: ${computeAccept(key)}`,
		];
		if (protocols.size > 0) {
			const { handleProtocols } = this.options;
			const protocol = handleProtocols ? handleProtocols(protocols, request) : protocols.values().next().value;
			if (protocol) {
				lines.push(`Sec-WebSocket-Protocol: ${protocol}`);
				client._protocol = protocol;
			}
		}
		const list = Object.entries(extensions).map(([name, { params }]) => ({ name, params }));
		if (list.length > 0) {
			lines.push(`Sec-WebSocket-Extensions: ${formatExtensionList(list)}`);
			client._extensions = extensions;
		}
		this.emit("headers", lines, request);
		socket.write([...lines, "", ""].join("\r\n"));
		socket.removeListener("error", destroy);
		client.setSocket(socket, head, this.options);
		const { clients } = this;
		if (clients !== undefined) {
			clients.add(client);
			client.on("close", () => {
				clients.delete(client);
				if (this.#emitsClose && clients.size === 0) nextTick(() => this.#emitClose());
			});
		}
		callback(client, request);
	}

	#clientError(
		request: IncomingMessage,
		socket: Duplex,
		code: number,
		message: string,
		headers: OutgoingHttpHeaders,
	): void {
		if (this.listenerCount("wsClientError") === 0) return refuse(socket, code, message, headers);
		this.emit("wsClientError", new Error(message), socket, request);
	}
}

/** A whole HTTP answer, behind which the connection ends. */
function refuse(
	socket: Duplex,
	code: number,
	message: string = STATUS_CODES[code] ?? "",
	headers: OutgoingHttpHeaders = {},
): void {
	const fields = {
		Connection: "close",
		"Content-Type": "text/html",
		"Content-Length": Buffer.byteLength(message),
		...headers,
	};
	socket.once("finish", destroy);
	const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}`);
	socket.end([`HTTP/1.1 ${code} ${STATUS_CODES[code]}`, ...lines, "", message].join("\r\n"));
}
