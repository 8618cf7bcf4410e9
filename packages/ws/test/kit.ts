import { type EventEmitter, once } from "node:events";
import { createServer, type Server as HttpServer, type IncomingMessage } from "node:http";
import { type AddressInfo, connect, createServer as createNetServer, type Socket } from "node:net";
import type Ws from "ws";
import type {
	ClientOptions,
	ServerOptions,
	WebSocketServer as WsServer,
	WebSocket as WsSocket,
	createWebSocketStream as wsStream,
} from "ws";

/** What both packages export. */
export type Library = typeof Ws & {
	readonly WebSocket: Library;
	readonly WebSocketServer: typeof WsServer;
	readonly Server: typeof WsServer;
	readonly createWebSocketStream: typeof wsStream;
	readonly Sender: { frame(data: unknown, options: object): Buffer[] };
	readonly Receiver: { readonly prototype: unknown };
	readonly extension: { parse(header: string): unknown; format(extensions: object): string };
	readonly subprotocol: { parse(header: string): Set<string> };
	readonly PerMessageDeflate: { readonly extensionName: string };
};

export interface Pair {
	readonly server: WsServer;
	/** The client's socket. */
	readonly client: WsSocket;
	/** The server's socket. */
	readonly peer: WsSocket;
	readonly request: IncomingMessage;
}

/** The request of a valid opening handshake; `undefined` leaves a field out. */
export interface HandshakeFields {
	[name: string]: string | undefined;
}

const FIELDS: HandshakeFields = {
	Host: "127.0.0.1",
	Upgrade: "websocket",
	Connection: "Upgrade",
	"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
	"Sec-WebSocket-Version": "13",
};

export function requestText(fields: HandshakeFields = {}, start = "GET / HTTP/1.1"): string {
	const lines = Object.entries({ ...FIELDS, ...fields }).flatMap(([name, value]) =>
		value === undefined ? [] : [`${name}: ${value}`],
	);
	return [start, ...lines, "", ""].join("\r\n");
}

/** The answer that goes with the key of `requestText`. */
export const ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/** A bare TCP connection. */
export class Raw {
	readonly socket: Socket;
	bytes: Buffer = Buffer.alloc(0);
	#changed: () => void = () => {};
	#isClosed = false;

	constructor(socket: Socket) {
		this.socket = socket;
		socket.on("data", (chunk) => {
			this.bytes = Buffer.concat([this.bytes, chunk]);
			this.#changed();
		});
		socket.on("error", () => {});
		socket.on("close", () => {
			this.#isClosed = true;
			this.#changed();
		});
	}

	/** Waits until what has come is enough. */
	async until(isEnough: (bytes: Buffer) => boolean): Promise<Buffer> {
		while (!isEnough(this.bytes)) {
			if (this.#isClosed) throw new Error(`closed behind ${this.bytes.toString("latin1")}`);
			await new Promise<void>((resolve) => {
				this.#changed = resolve;
			});
		}
		return this.bytes;
	}

	/** Waits for the end of the stream, and gives all that has come. */
	async ended(): Promise<string> {
		while (!this.#isClosed)
			await new Promise<void>((resolve) => {
				this.#changed = resolve;
			});
		return this.bytes.toString("latin1");
	}

	/** Waits for the head of an answer, and takes it off. */
	async head(): Promise<string> {
		const bytes = await this.until((all) => all.includes("\r\n\r\n"));
		const end = bytes.indexOf("\r\n\r\n") + 4;
		this.bytes = bytes.subarray(end);
		return bytes.subarray(0, end).toString("latin1");
	}

	/** Waits for so many bytes, and takes them off. */
	async take(size: number): Promise<string> {
		const bytes = await this.until((all) => all.length >= size);
		this.bytes = bytes.subarray(size);
		return bytes.subarray(0, size).toString("hex");
	}
}

/** Makes servers and clients of one library, and ends them all behind the case. */
export class Kit {
	readonly WebSocket: Library;
	/** What gives the library to `require`, in this package. */
	readonly required: string;
	#ends: (() => void)[] = [];

	constructor(library: Library, required: string) {
		this.WebSocket = library;
		this.required = required;
	}

	end(): void {
		for (const end of this.#ends.splice(0)) end();
	}

	endsWith(end: () => void): void {
		this.#ends.push(end);
	}

	async serve(options: ServerOptions = {}): Promise<WsServer> {
		const server = new this.WebSocket.WebSocketServer({ host: "127.0.0.1", port: 0, ...options });
		this.track(server);
		await once(server, "listening");
		return server;
	}

	track(server: WsServer): void {
		this.endsWith(() => {
			for (const client of server.clients ?? []) client.terminate();
			server.close();
		});
	}

	/** A running HTTP server. */
	async http(): Promise<HttpServer> {
		const server = createServer((_request, response) => response.end("http"));
		server.listen(0, "127.0.0.1");
		await once(server, "listening");
		this.endsWith(() => {
			server.close();
			server.closeAllConnections();
		});
		return server;
	}

	port(server: { address(): AddressInfo | string | null }): number {
		return (server.address() as AddressInfo).port;
	}

	client(url: string, options?: ClientOptions, protocols: string | string[] = []): WsSocket {
		const client = new this.WebSocket(url, protocols, options);
		this.endsWith(() => {
			client.on("error", () => {});
			client.terminate();
		});
		return client;
	}

	async pair(
		options: ServerOptions = {},
		clientOptions: ClientOptions = {},
		protocols: string | string[] = [],
	): Promise<Pair> {
		const server = await this.serve(options);
		const client = this.client(`ws://127.0.0.1:${this.port(server)}/`, clientOptions, protocols);
		const [[peer, request]] = await Promise.all([once(server, "connection"), once(client, "open")]);
		return { server, client, peer, request };
	}

	raw(server: { address(): AddressInfo | string | null }): Raw {
		const socket = connect(this.port(server), "127.0.0.1");
		this.endsWith(() => socket.destroy());
		return new Raw(socket);
	}

	/** A client without a library: it has opened its connection and speaks in bytes. */
	async rawClient(
		options: ServerOptions = {},
		fields: HandshakeFields = {},
	): Promise<{ raw: Raw; peer: WsSocket; server: WsServer }> {
		const server = await this.serve(options);
		const raw = this.raw(server);
		raw.socket.write(requestText(fields));
		const [[peer]] = await Promise.all([once(server, "connection"), raw.head()]);
		return { raw, peer, server };
	}

	/** A server without a library: it answers each request with that text, in which KEY stands for the right accept key. */
	async rawServer(answer: (request: string) => string | null): Promise<{ url: string; sockets: Socket[] }> {
		const sockets: Socket[] = [];
		const server = createNetServer((socket) => {
			sockets.push(socket);
			socket.on("error", () => {});
			socket.once("data", (request) => {
				const text = answer(request.toString("latin1"));
				if (text !== null) socket.write(text);
			});
		});
		server.listen(0, "127.0.0.1");
		await once(server, "listening");
		this.endsWith(() => {
			server.close();
			for (const socket of sockets) socket.destroy();
		});
		return { url: `ws://127.0.0.1:${this.port(server)}/`, sockets };
	}
}

/** The next events of a name, as many as are wanted: the arguments of each. */
export function events(emitter: EventEmitter, name: string, count: number): Promise<unknown[][]> {
	return new Promise((resolve) => {
		const all: unknown[][] = [];
		const listener = (...args: unknown[]): void => {
			all.push(args);
			if (all.length < count) return;
			emitter.off(name, listener);
			resolve(all);
		};
		emitter.on(name, listener);
	});
}

/** The arguments of the next event of that name, whatever else happens. */
export async function next(emitter: EventEmitter, name: string): Promise<unknown[]> {
	const [args] = await events(emitter, name, 1);
	return args as unknown[];
}

/** How the connection ends: code and reason. */
export async function closed(socket: WsSocket): Promise<[code: number, reason: string]> {
	const [code, reason] = await next(socket, "close");
	return [code as number, String(reason)];
}

/** The next message: its text and whether it is binary. */
export async function message(socket: WsSocket): Promise<[text: string, isBinary: boolean]> {
	const [data, isBinary] = await next(socket, "message");
	return [String(data), isBinary as boolean];
}

/** A masked frame, with a key of zeros. */
export function masked(first: number, payload: Buffer | string = ""): Buffer {
	const bytes = Buffer.from(payload);
	const length = bytes.length < 126 ? [bytes.length | 0x80] : [126 | 0x80, bytes.length >> 8, bytes.length & 0xff];
	return Buffer.concat([Buffer.from([first, ...length, 0, 0, 0, 0]), bytes]);
}

/** The key of the request, hashed as the server has to. */
export async function acceptOf(request: string): Promise<string> {
	const key = /sec-websocket-key: (.+)\r\n/i.exec(request)?.[1] ?? "";
	const hash = await crypto.subtle.digest("SHA-1", Buffer.from(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`));
	return Buffer.from(hash).toString("base64");
}
