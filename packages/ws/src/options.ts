import type { Agent, ClientRequest, IncomingMessage, OutgoingHttpHeaders, RequestOptions, Server } from "node:http";
import type { Server as HttpsServer } from "node:https";
import type { LifeOptions } from "./shared.ts";
import type { WebSocket } from "./websocket.ts";

/** How messages are compressed. What is not named here, ws has and barewire has no use for. */
export interface PerMessageDeflateOptions {
	readonly serverNoContextTakeover?: boolean | undefined;
	readonly clientNoContextTakeover?: boolean | undefined;
	readonly serverMaxWindowBits?: boolean | number | undefined;
	readonly clientMaxWindowBits?: boolean | number | undefined;
	readonly zlibDeflateOptions?: { readonly level?: number; readonly memLevel?: number } | undefined;
	readonly threshold?: number | undefined;
	readonly [name: string]: unknown;
}

/** What a server and a client have in common. */
export interface SocketOptions extends LifeOptions {
	readonly allowSynchronousEvents: boolean;
	readonly perMessageDeflate?: boolean | PerMessageDeflateOptions | undefined;
}

/** The defaults of ws. */
export const DEFAULT_SOCKET_OPTIONS: SocketOptions = {
	allowSynchronousEvents: true,
	autoPong: true,
	closeTimeout: 30_000,
	maxFragments: 128 * 1024,
	maxPayload: 100 * 1024 * 1024,
	skipUTF8Validation: false,
};

type Some<Group> = { [Name in keyof Group]?: Group[Name] | undefined };

export interface ClientOptions extends Some<SocketOptions>, Omit<RequestOptions, "agent" | "headers"> {
	agent?: Agent | boolean | undefined;
	headers?: OutgoingHttpHeaders | undefined;
	origin?: string | undefined;
	protocolVersion?: number | undefined;
	followRedirects?: boolean | undefined;
	maxRedirects?: number | undefined;
	handshakeTimeout?: number | undefined;
	finishRequest?: ((request: ClientRequest, socket: WebSocket) => void) | undefined;
	servername?: string | undefined;
	rejectUnauthorized?: boolean | undefined;
	maxBufferedChunks?: number | undefined;
	generateMask?: ((mask: Buffer) => void) | undefined;
	[tls: string]: unknown;
}

export interface ClientInfo {
	origin: string;
	secure: boolean;
	req: IncomingMessage;
}

type Verdict = (isWelcome: boolean, code?: number, message?: string, headers?: OutgoingHttpHeaders) => void;

type VerifyClient = ((info: ClientInfo) => boolean) | ((info: ClientInfo, verdict: Verdict) => void);

export interface ServerOptions extends Some<SocketOptions> {
	host?: string | undefined;
	port?: number | undefined;
	backlog?: number | undefined;
	server?: Server | HttpsServer | undefined;
	noServer?: boolean | undefined;
	path?: string | undefined;
	verifyClient?: VerifyClient | null | undefined;
	handleProtocols?: ((protocols: Set<string>, request: IncomingMessage) => string | false) | null | undefined;
	clientTracking?: boolean | undefined;
	maxBufferedChunks?: number | undefined;
	WebSocket?: typeof WebSocket | undefined;
}
