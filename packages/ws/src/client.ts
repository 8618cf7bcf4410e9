import { type ClientRequest, type IncomingMessage, type RequestOptions, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { connect as connectTcp, isIP, type TcpNetConnectOpts } from "node:net";
import type { Duplex } from "node:stream";
import { type ConnectionOptions, connect as connectTls } from "node:tls";
import type { Extension } from "@barewire/framing";
import {
	type ClientHandshake,
	createKey,
	evaluateResponse,
	formatExtensionList,
	offerExtensions,
} from "@barewire/handshake";
import { isToken } from "@barewire/http1";
import type { AgreedExtension, AgreedExtensions } from "./deflate.ts";
import { deflateOf } from "./deflate.ts";
import { abortHandshake, failHandshake } from "./failing.ts";
import { type ClientOptions, DEFAULT_SOCKET_OPTIONS } from "./options.ts";

import type { WebSocket } from "./websocket.ts";

const SCHEMES = ["ws:", "wss:", "ws+unix:"];
const MAX_REDIRECTS = 10;

/** Leads the opening handshake as a client, and has `setSocket` called when it is done. */
export function beginHandshake(
	socket: WebSocket,
	address: string | URL,
	protocols: readonly string[],
	options: ClientOptions,
): void {
	const { protocolVersion = 13 } = options;
	if (protocolVersion !== 13 && protocolVersion !== 8)
		throw new RangeError(`Unsupported protocol version: ${protocolVersion} (supported versions: 13, 8)`);
	const url = urlOf(address);
	socket._url = url.href;
	requireUrl(url);
	for (const [index, protocol] of protocols.entries())
		if (typeof protocol !== "string" || !isToken(protocol) || protocols.indexOf(protocol) < index)
			throw new SyntaxError("An invalid or duplicated subprotocol was specified");
	new Opening(socket, protocols, options).ask(url, null);
}

function urlOf(address: string | URL, base?: string | URL): URL {
	let url: URL;
	try {
		url = address instanceof URL ? address : new URL(address, base);
	} catch {
		throw new SyntaxError(`Invalid URL: ${address}`);
	}
	const scheme = { "http:": "ws:", "https:": "wss:" }[url.protocol];
	if (scheme === undefined) return url;
	const same = new URL(url.href);
	same.protocol = scheme;
	return same;
}

function requireUrl(url: URL): void {
	if (!SCHEMES.includes(url.protocol))
		throw new SyntaxError('The URL\'s protocol must be one of "ws:", "wss:", "http:", "https:", or "ws+unix:"');
	if (url.protocol === "ws+unix:" && url.pathname === "") throw new SyntaxError("The URL's pathname is empty");
	if (url.hash !== "") throw new SyntaxError("The URL contains a fragment identifier");
}

/** What a rule that the server has broken is called by ws. */
const TEXTS: Readonly<Record<string, string>> = {
	"answer-without-upgrade": "Invalid Upgrade header",
	"missing-accept": "Invalid Sec-WebSocket-Accept header",
	"wrong-accept": "Invalid Sec-WebSocket-Accept header",
	"repeated-accept": "Invalid Sec-WebSocket-Accept header",
	"malformed-extension-answer": "Invalid Sec-WebSocket-Extensions header",
	"unacceptable-extension": "Invalid Sec-WebSocket-Extensions header",
	"duplicate-extension": "Invalid Sec-WebSocket-Extensions header",
	"repeated-protocol": "Server sent an invalid subprotocol",
};

/** One opening handshake, over all the requests that redirects make of it. */
class Opening {
	readonly #socket: WebSocket;
	readonly #protocols: readonly string[];
	readonly #options: ClientOptions;
	/** Who was asked first: credentials are for nobody else. */
	#first: URL | null = null;
	#mayTellCredentials = true;

	constructor(socket: WebSocket, protocols: readonly string[], options: ClientOptions) {
		this.#socket = socket;
		this.#protocols = protocols;
		this.#options = options;
	}

	ask(url: URL, redirected: URL | null): void {
		const socket = this.#socket;
		const { finishRequest, handshakeTimeout } = this.#options;
		if (this.#first === null) this.#first = url;
		else if (!isSamePeer(this.#first, url)) this.#mayTellCredentials = false;
		const key = createKey((into) => void crypto.getRandomValues(into as Uint8Array<ArrayBuffer>));
		const { perMessageDeflate = true } = this.#options;
		const deflate = deflateOf(perMessageDeflate, false);
		const extensions = deflate === null ? [] : [deflate.client];
		const handshake: ClientHandshake = {
			key,
			protocols: this.#protocols,
			offeredExtensions: offerExtensions(extensions),
		};
		const request = (url.protocol === "wss:" ? requestHttps : requestHttp)(this.#request(url, handshake));
		socket._req = request;
		socket._url = url.href;
		if (redirected !== null) socket.emit("redirect", socket.url, request);
		if (handshakeTimeout !== undefined && handshakeTimeout > 0)
			request.on("timeout", () => {
				if (this.#isCurrent(request)) abortHandshake(socket, request, "Opening handshake has timed out");
			});
		request.on("error", (error) => {
			if (!this.#isCurrent(request)) return;
			socket._req = null;
			failHandshake(socket, error);
		});
		request.on("response", (response) => this.#answered(url, request, response));
		request.on("upgrade", (response, stream, head) => this.#switched(request, response, stream, head, handshake));
		// A listener of `redirect` may have given it up.
		if (!this.#isCurrent(request)) return;
		if (finishRequest !== undefined) finishRequest(request, socket);
		else request.end();
	}

	/** Whether this request is the one under way: it has been neither given up nor redirected. */
	#isCurrent(request: ClientRequest): boolean {
		return this.#socket._req === request;
	}

	#request(url: URL, { key, protocols, offeredExtensions }: ClientHandshake): RequestOptions {
		const { origin, protocolVersion = 13, handshakeTimeout, headers = {}, auth } = this.#options;
		const isSecure = url.protocol === "wss:";
		const isUnix = url.protocol === "ws+unix:";
		const [socketPath, path = "/"] = isUnix ? url.pathname.split(":") : [undefined, url.pathname];
		const fields: Record<string, string | number | readonly string[] | undefined> = {};
		for (const [name, value] of Object.entries(headers))
			if (this.#mayTellCredentials || !/^(?:authorization|cookie|host)$/i.test(name)) fields[name] = value;
		fields["Sec-WebSocket-Version"] = protocolVersion;
		fields["Sec-WebSocket-Key"] = key;
		fields.Connection = "Upgrade";
		fields.Upgrade = "websocket";
		if (offeredExtensions.length > 0) fields["Sec-WebSocket-Extensions"] = formatExtensionList(offeredExtensions);
		if (protocols.length > 0) fields["Sec-WebSocket-Protocol"] = protocols.join(",");
		if (origin) fields[protocolVersion < 13 ? "Sec-WebSocket-Origin" : "Origin"] = origin;
		const credentials = url.username || url.password ? `${url.username}:${url.password}` : auth;
		const createConnection = this.#options.createConnection ?? (isSecure ? dialTls : dialTcp);
		return {
			...this.#options,
			createConnection: createConnection as NonNullable<RequestOptions["createConnection"]>,
			protocol: undefined,
			hostname: undefined,
			method: "GET",
			defaultPort: isSecure ? 443 : 80,
			port: url.port || (isSecure ? 443 : 80),
			host: url.hostname.startsWith("[") ? url.hostname.slice(1, -1) : url.hostname,
			socketPath,
			path: `${path}${url.search}`,
			headers: fields as NonNullable<RequestOptions["headers"]>,
			timeout: handshakeTimeout,
			auth: this.#mayTellCredentials ? credentials : null,
		} as RequestOptions;
	}

	#answered(url: URL, request: ClientRequest, response: IncomingMessage): void {
		const socket = this.#socket;
		if (!this.#isCurrent(request)) return;
		const { followRedirects = false, maxRedirects = MAX_REDIRECTS } = this.#options;
		const { statusCode = 0 } = response;
		const { location } = response.headers;
		if (location === undefined || !followRedirects || statusCode < 300 || statusCode >= 400) {
			if (!socket.emit("unexpected-response", request, response))
				abortHandshake(socket, request, `Unexpected server response: ${statusCode}`);
			return;
		}
		socket._redirects++;
		if (socket._redirects > maxRedirects) return abortHandshake(socket, request, "Maximum redirects exceeded");
		request.destroy();
		try {
			const next = urlOf(location, url);
			requireUrl(next);
			this.ask(next, url);
		} catch (error) {
			socket._req = null;
			failHandshake(socket, error as Error);
		}
	}

	#switched(
		request: ClientRequest,
		response: IncomingMessage,
		stream: Duplex,
		head: Uint8Array,
		handshake: ClientHandshake,
	): void {
		const socket = this.#socket;
		socket.emit("upgrade", response);
		// A listener may have given it up.
		if (!this.#isCurrent(request)) return void stream.destroy();
		socket._req = null;
		const { perMessageDeflate = true } = this.#options;
		const deflate = deflateOf(perMessageDeflate, false);
		const evaluation = evaluateResponse<Extension>(
			handshake,
			{
				version: response.httpVersion === "1.0" ? "1.0" : "1.1",
				status: response.statusCode ?? 0,
				reason: response.statusMessage ?? "",
				fields: pairsOf(response.rawHeaders),
			},
			deflate === null ? [] : [deflate.client],
		);
		if (!evaluation.ok) return this.#refuse(stream, textOf(evaluation.failure, handshake));
		// RFC 6455 allows a server to choose none. ws does not.
		if (handshake.protocols.length > 0 && evaluation.protocol === "")
			return this.#refuse(stream, "Server sent no subprotocol");
		socket._protocol = evaluation.protocol;
		socket._extensions = agreed(evaluation.extensions, evaluation.accepted);
		const settings = { ...DEFAULT_SOCKET_OPTIONS, ...withoutUndefined(this.#options) };
		socket.setSocket(stream, head, settings);
	}

	#refuse(stream: Duplex, message: string): void {
		const socket = this.#socket;
		socket._readyState = socket.CLOSING;
		stream.once("error", () => {});
		stream.once("close", () => failHandshake(socket, new Error(message)));
		stream.destroy();
	}
}

function textOf(
	{ kind, message }: { readonly kind: string; readonly message: string },
	asked: ClientHandshake,
): string {
	if (kind === "unoffered-protocol")
		return asked.protocols.length > 0
			? "Server sent an invalid subprotocol"
			: "Server sent a subprotocol but none was requested";
	if (kind === "unoffered-extension")
		return asked.offeredExtensions.length > 0
			? "Server indicated an extension that was not requested"
			: "Server sent a Sec-WebSocket-Extensions header but no extension was requested";
	return TEXTS[kind] ?? message;
}

/** What `_extensions` of a socket holds. */
export function agreed(
	extensions: readonly Extension[],
	accepted: readonly { readonly name: string; readonly params: AgreedExtension["params"] }[],
): AgreedExtensions {
	return Object.fromEntries(
		accepted.map(({ name, params }, index) => [name, { extension: extensions[index] as Extension, params }]),
	);
}

function pairsOf(raw: readonly string[]): [string, string][] {
	const pairs: [string, string][] = [];
	for (let i = 1; i < raw.length; i += 2) pairs.push([`${raw[i - 1]}`.toLowerCase(), `${raw[i]}`]);
	return pairs;
}

/** Whether credentials for one may be told to the other: the same host, and no step from TLS to plain text. */
function isSamePeer(first: URL, next: URL): boolean {
	if (first.protocol === "wss:" && next.protocol !== "wss:") return false;
	return first.protocol === "ws+unix:"
		? next.protocol === "ws+unix:" && first.pathname.split(":")[0] === next.pathname.split(":")[0]
		: next.protocol !== "ws+unix:" && first.host === next.host;
}

function withoutUndefined(options: ClientOptions): object {
	return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

function dialTcp(options: TcpNetConnectOpts & { path?: string; socketPath?: string }): Duplex {
	const { socketPath } = options;
	return connectTcp({ ...options, path: socketPath } as TcpNetConnectOpts);
}

function dialTls(options: ConnectionOptions & { socketPath?: string }): Duplex {
	const { host = "", servername = isIP(host) === 0 ? host : "" } = options;
	const { path: _path, ...rest } = options;
	// RFC 6066 §3: a server name is a name, never an address.
	return connectTls({ ...rest, servername });
}
