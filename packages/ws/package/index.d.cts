/// <reference types="node" />

import { EventEmitter } from "node:events";
import {
	Agent,
	ClientRequest,
	ClientRequestArgs,
	Server as HttpServer,
	IncomingMessage,
	OutgoingHttpHeaders,
} from "node:http";
import { Server as HttpsServer } from "node:https";
import { createConnection } from "node:net";
import { Duplex, DuplexOptions } from "node:stream";
import { SecureContextOptions } from "node:tls";

/** The events of a socket, and what their listeners get. */
interface SocketEvents {
	close: [code: number, reason: Buffer];
	error: [error: Error];
	message: [data: WebSocket.RawData, isBinary: boolean];
	open: [];
	ping: [data: Buffer];
	pong: [data: Buffer];
	redirect: [url: string, request: ClientRequest];
	upgrade: [request: IncomingMessage];
	"unexpected-response": [request: ClientRequest, response: IncomingMessage];
}

/** The events of a server. */
interface ServerEvents<Client, Request> {
	close: [];
	connection: [socket: Client, request: Request];
	error: [error: Error];
	headers: [headers: string[], request: Request];
	listening: [];
	wsClientError: [error: Error, socket: Duplex, request: Request];
}

/** What may be sent: the bytes of any of these, or text. */
type Sendable =
	| string
	| number
	| ArrayBufferView
	| ArrayBuffer
	| SharedArrayBuffer
	| Blob
	| readonly unknown[]
	| { valueOf(): ArrayBuffer | SharedArrayBuffer | Uint8Array | readonly number[] | string }
	| { [Symbol.toPrimitive](hint: string): string };

interface SendOptions {
	/** Default: whether the data is no string. */
	binary?: boolean | undefined;
	compress?: boolean | undefined;
	/** false: the message goes on with what is sent next. */
	fin?: boolean | undefined;
	/** Of no use here: who masks, RFC 6455 says. */
	mask?: boolean | undefined;
}

/** A client, or what a server gives for each of its clients. */
declare class WebSocket extends EventEmitter {
	static readonly CONNECTING: 0;
	static readonly OPEN: 1;
	static readonly CLOSING: 2;
	static readonly CLOSED: 3;

	readonly CONNECTING: 0;
	readonly OPEN: 1;
	readonly CLOSING: 2;
	readonly CLOSED: 3;

	/** What binary messages are given as. */
	binaryType: "nodebuffer" | "arraybuffer" | "fragments" | "blob";
	/** Bytes that were sent here and that the system has not taken yet. */
	readonly bufferedAmount: number;
	/** The names of the extensions that were agreed on, with commas. */
	readonly extensions: string;
	readonly isPaused: boolean;
	/** The subprotocol that was agreed on, or "". */
	readonly protocol: string;
	readonly readyState: 0 | 1 | 2 | 3;
	readonly url: string;

	onopen: ((event: WebSocket.Event) => void) | null;
	onerror: ((event: WebSocket.ErrorEvent) => void) | null;
	onclose: ((event: WebSocket.CloseEvent) => void) | null;
	onmessage: ((event: WebSocket.MessageEvent) => void) | null;

	constructor(address: null, protocols?: undefined, options?: WebSocket.ClientOptions);
	constructor(address: string | URL, options?: WebSocket.ClientOptions | ClientRequestArgs);
	constructor(
		address: string | URL,
		protocols?: string | string[],
		options?: WebSocket.ClientOptions | ClientRequestArgs,
	);

	/** Begins the closing handshake. */
	close(code?: number, data?: string | Buffer): void;
	ping(data?: any, mask?: boolean, cb?: (error: Error) => void): void;
	pong(data?: any, mask?: boolean, cb?: (error: Error) => void): void;
	/** Sends a message. `cb` is called when it has left, or with the reason why it can't. */
	send(data: Sendable, cb?: (error?: Error) => void): void;
	send(data: Sendable, options: SendOptions, cb?: (error?: Error) => void): void;
	/** Cuts the connection off. */
	terminate(): void;
	/** No message is given out until `resume`. */
	pause(): void;
	resume(): void;

	addEventListener<Type extends keyof WebSocket.WebSocketEventMap>(
		type: Type,
		listener:
			| ((event: WebSocket.WebSocketEventMap[Type]) => void)
			| { handleEvent(event: WebSocket.WebSocketEventMap[Type]): void },
		options?: WebSocket.EventListenerOptions,
	): void;
	removeEventListener<Type extends keyof WebSocket.WebSocketEventMap>(
		type: Type,
		listener:
			| ((event: WebSocket.WebSocketEventMap[Type]) => void)
			| { handleEvent(event: WebSocket.WebSocketEventMap[Type]): void },
	): void;

	on<Name extends keyof SocketEvents>(
		event: Name,
		listener: (this: WebSocket, ...args: SocketEvents[Name]) => void,
	): this;
	on(event: string | symbol, listener: (this: WebSocket, ...args: any[]) => void): this;
	once<Name extends keyof SocketEvents>(
		event: Name,
		listener: (this: WebSocket, ...args: SocketEvents[Name]) => void,
	): this;
	once(event: string | symbol, listener: (this: WebSocket, ...args: any[]) => void): this;
	off<Name extends keyof SocketEvents>(
		event: Name,
		listener: (this: WebSocket, ...args: SocketEvents[Name]) => void,
	): this;
	off(event: string | symbol, listener: (this: WebSocket, ...args: any[]) => void): this;
	addListener<Name extends keyof SocketEvents>(event: Name, listener: (...args: SocketEvents[Name]) => void): this;
	addListener(event: string | symbol, listener: (...args: any[]) => void): this;
	removeListener<Name extends keyof SocketEvents>(event: Name, listener: (...args: SocketEvents[Name]) => void): this;
	removeListener(event: string | symbol, listener: (...args: any[]) => void): this;
}

declare const WebSocketAlias: typeof WebSocket;
interface WebSocketAlias extends WebSocket {}

declare namespace WebSocket {
	type RawData = Buffer | ArrayBuffer | Buffer[];
	type Data = string | Buffer | ArrayBuffer | Buffer[];
	type CertMeta = string | string[] | Buffer | Buffer[];

	type VerifyClientCallbackSync<Request extends IncomingMessage = IncomingMessage> = (info: {
		origin: string;
		secure: boolean;
		req: Request;
	}) => boolean;
	type VerifyClientCallbackAsync<Request extends IncomingMessage = IncomingMessage> = (
		info: { origin: string; secure: boolean; req: Request },
		callback: (res: boolean, code?: number, message?: string, headers?: OutgoingHttpHeaders) => void,
	) => void;
	type FinishRequestCallback = (request: ClientRequest, websocket: WebSocket) => void;

	/** What sockets of servers and clients have in common. */
	interface SocketOptions {
		allowSynchronousEvents?: boolean | undefined;
		autoPong?: boolean | undefined;
		closeTimeout?: number | undefined;
		maxBufferedChunks?: number | undefined;
		maxFragments?: number | undefined;
		maxPayload?: number | undefined;
		perMessageDeflate?: boolean | PerMessageDeflateOptions | undefined;
		skipUTF8Validation?: boolean | undefined;
	}

	interface ClientOptions extends SocketOptions, SecureContextOptions {
		agent?: Agent | undefined;
		checkServerIdentity?(servername: string, cert: CertMeta): boolean;
		createConnection?: typeof createConnection | undefined;
		family?: number | undefined;
		finishRequest?: FinishRequestCallback | undefined;
		followRedirects?: boolean | undefined;
		generateMask?(mask: Buffer): void;
		handshakeTimeout?: number | undefined;
		headers?: { [key: string]: string } | undefined;
		host?: string | undefined;
		localAddress?: string | undefined;
		maxRedirects?: number | undefined;
		origin?: string | undefined;
		protocol?: string | undefined;
		protocolVersion?: number | undefined;
		rejectUnauthorized?: boolean | undefined;
	}

	interface PerMessageDeflateOptions {
		clientMaxWindowBits?: number | undefined;
		clientNoContextTakeover?: boolean | undefined;
		concurrencyLimit?: number | undefined;
		serverMaxWindowBits?: number | undefined;
		serverNoContextTakeover?: boolean | undefined;
		threshold?: number | undefined;
		zlibDeflateOptions?:
			| { level?: number | undefined; memLevel?: number | undefined; [name: string]: unknown }
			| undefined;
		zlibInflateOptions?: object | undefined;
	}

	interface Event {
		type: string;
		target: WebSocket;
	}

	interface ErrorEvent extends Event {
		error: any;
		message: string;
	}

	interface CloseEvent extends Event {
		code: number;
		reason: string;
		wasClean: boolean;
	}

	interface MessageEvent extends Event {
		data: Data;
	}

	interface WebSocketEventMap {
		close: CloseEvent;
		error: ErrorEvent;
		message: MessageEvent;
		open: Event;
	}

	interface EventListenerOptions {
		once?: boolean | undefined;
	}

	interface ServerOptions<
		Client extends typeof WebSocket.WebSocket = typeof WebSocket.WebSocket,
		Request extends typeof IncomingMessage = typeof IncomingMessage,
	> extends SocketOptions {
		backlog?: number | undefined;
		clientTracking?: boolean | undefined;
		handleProtocols?: (protocols: Set<string>, request: InstanceType<Request>) => string | false;
		host?: string | undefined;
		noServer?: boolean | undefined;
		path?: string | undefined;
		port?: number | undefined;
		server?: HttpServer<Request> | HttpsServer<Request> | undefined;
		verifyClient?:
			| VerifyClientCallbackAsync<InstanceType<Request>>
			| VerifyClientCallbackSync<InstanceType<Request>>
			| undefined;
		WebSocket?: Client | undefined;
	}

	interface AddressInfo {
		address: string;
		family: string;
		port: number;
	}

	class Server<
		Client extends typeof WebSocket.WebSocket = typeof WebSocket.WebSocket,
		Request extends typeof IncomingMessage = typeof IncomingMessage,
	> extends EventEmitter {
		options: ServerOptions<Client, Request>;
		path: string;
		clients: Set<InstanceType<Client>>;

		constructor(options?: ServerOptions<Client, Request>, callback?: () => void);

		address(): AddressInfo | string | null;
		/** Takes no more clients. Those that are there are left alone. */
		close(cb?: (error?: Error) => void): void;
		handleUpgrade(
			request: InstanceType<Request>,
			socket: Duplex,
			upgradeHead: Buffer,
			callback: (client: InstanceType<Client>, request: InstanceType<Request>) => void,
		): void;
		shouldHandle(request: InstanceType<Request>): boolean | Promise<boolean>;

		on<Name extends keyof ServerEvents<InstanceType<Client>, InstanceType<Request>>>(
			event: Name,
			listener: (
				this: Server<Client>,
				...args: ServerEvents<InstanceType<Client>, InstanceType<Request>>[Name]
			) => void,
		): this;
		on(event: string | symbol, listener: (this: Server<Client>, ...args: any[]) => void): this;
		once<Name extends keyof ServerEvents<InstanceType<Client>, InstanceType<Request>>>(
			event: Name,
			listener: (
				this: Server<Client>,
				...args: ServerEvents<InstanceType<Client>, InstanceType<Request>>[Name]
			) => void,
		): this;
		once(event: string | symbol, listener: (this: Server<Client>, ...args: any[]) => void): this;
		off<Name extends keyof ServerEvents<InstanceType<Client>, InstanceType<Request>>>(
			event: Name,
			listener: (
				this: Server<Client>,
				...args: ServerEvents<InstanceType<Client>, InstanceType<Request>>[Name]
			) => void,
		): this;
		off(event: string | symbol, listener: (this: Server<Client>, ...args: any[]) => void): this;
		addListener<Name extends keyof ServerEvents<InstanceType<Client>, InstanceType<Request>>>(
			event: Name,
			listener: (...args: ServerEvents<InstanceType<Client>, InstanceType<Request>>[Name]) => void,
		): this;
		addListener(event: string | symbol, listener: (...args: any[]) => void): this;
		removeListener<Name extends keyof ServerEvents<InstanceType<Client>, InstanceType<Request>>>(
			event: Name,
			listener: (...args: ServerEvents<InstanceType<Client>, InstanceType<Request>>[Name]) => void,
		): this;
		removeListener(event: string | symbol, listener: (...args: any[]) => void): this;
	}

	const WebSocketServer: typeof Server;
	interface WebSocketServer extends Server {}
	const WebSocket: typeof WebSocketAlias;
	interface WebSocket extends WebSocketAlias {}

	/** The socket as a Duplex: each message is a chunk, and each write is a message. */
	function createWebSocketStream(websocket: WebSocket, options?: DuplexOptions): Duplex;

	const extension: {
		parse(header: string): Record<string, Record<string, (string | true)[]>[]>;
		format(extensions: object): string;
	};
	const subprotocol: { parse(header: string): Set<string> };

	class PerMessageDeflate {
		static readonly extensionName: string;
		constructor(options?: PerMessageDeflateOptions);
		offer(): Record<string, string | true>;
	}

	class Receiver extends EventEmitter {
		constructor(options?: { isServer?: boolean; maxPayload?: number; skipUTF8Validation?: boolean });
	}

	class Sender {
		/** One frame, as a list of the pieces that it consists of. */
		static frame(
			data: string | Uint8Array,
			options: { opcode: number; fin?: boolean; rsv1?: boolean; mask?: boolean; readOnly?: boolean },
		): Buffer[];
		sendFrame(list: readonly Uint8Array[], cb?: (error?: Error) => void): void;
	}
}

export = WebSocket;
