import process from "node:process";
import type { accept, ConnectionInfo, ServeOptions, Server, Socket } from "@barewire/endpoint";
import { LOCALHOST } from "../../fixtures/certificates.ts";
import { Conversation, choose } from "../programs/conversation.ts";
import { readLines, tell } from "../programs/standard-streams.ts";

/** What a site is told, as JSON in its first argument. */
export interface SiteOptions extends Pick<ServeOptions<Visit>, "origins" | "keepAlive" | "compression"> {
	/** Ends TLS itself, as `localhost`. */
	readonly secure?: boolean;
}

/** A request as it reached the site. */
export interface Seen {
	readonly method: string;
	readonly target: string;
	readonly fields: Readonly<Record<string, string>>;
	readonly remote: ConnectionInfo["remote"];
	readonly secure: boolean;
	readonly body: string;
}

/** What `upgrade` leaves for the socket. */
interface Visit {
	readonly url: string;
	readonly seen: Seen;
	conversation: Conversation | null;
}

interface Adapter {
	readonly serve: (options: ServeOptions<Visit>) => Promise<Server<Visit>>;
	readonly accept: typeof accept;
}

const PAGE = "<!doctype html><meta charset=utf-8><title>a page of the site</title>";

/**
 * A site as browsers and proxies meet it, until the standard input ends. `/page` is a page, `/status?status=404` is answered with that
 * status; every other ordinary request is answered with what was seen of it. WebSockets are served as `exchange/lines.ts` says, and besides: `/seen` sends what was seen
 * of the handshake, `/refuse` refuses with 401.
 */
export async function runSite({ serve, accept }: Adapter): Promise<void> {
	const { secure = false, ...options } = JSON.parse(process.argv[2] ?? "{}") as SiteOptions;
	const server = await serve({
		hostname: "127.0.0.1",
		port: 0,
		...options,
		...(secure ? { tls: LOCALHOST } : null),
		async fetch(request, info) {
			const { pathname, searchParams } = new URL(request.url);
			if (pathname === "/page") return new Response(PAGE, { headers: { "content-type": "text/html" } });
			if (pathname === "/status") return withStatus(Number(searchParams.get("status")));
			return Response.json(seen(request, info, await request.text()));
		},
		upgrade(request, info) {
			const { url, headers } = request;
			if (new URL(url).pathname === "/refuse")
				return new Response("who are you?\n", { status: 401, headers: { "www-authenticate": 'Basic realm="site"' } });
			const protocol = choose(headers.get("sec-websocket-protocol")?.split(/ *, */) ?? []);
			const data = { url, seen: seen(request, info, ""), conversation: null };
			return accept({ data, ...(protocol === undefined ? null : { protocol }) });
		},
		open(socket) {
			const { url, seen } = socket.data;
			if (new URL(url).pathname === "/seen") socket.send(JSON.stringify(seen));
			socket.data.conversation = new Conversation(url, servedClient(socket));
			socket.data.conversation.opened();
		},
		message: (socket, message) => socket.data.conversation?.message(message),
		close: (socket, { error, ...end }) => socket.data.conversation?.closed({ ...end, failure: error?.kind }),
	});
	const { address } = server;
	if (address.transport !== "tcp") throw new Error("a Unix socket was not asked for");
	tell({ id: "listening", port: address.port });
	await readLines(() => {});
	// A browser keeps connections that it has no use for: they are cut off.
	await server.close({ deadline: 100 });
}

function withStatus(status: number): Response {
	return new Response([204, 205, 304].includes(status) ? null : `this is ${status}`, { status });
}

function seen({ method, url, headers }: Request, { remote, secure }: ConnectionInfo, body: string): Seen {
	const { pathname, search } = new URL(url);
	return { method, target: pathname + search, fields: Object.fromEntries(headers), remote, secure, body };
}

function servedClient(socket: Socket<Visit>): ConstructorParameters<typeof Conversation>[1] {
	return {
		protocol: socket.protocol,
		extensions: socket.extensions,
		send: (message) => void socket.send(message),
		ping: () => socket.ping(),
		close: (code, reason) => socket.close(code, reason),
	};
}
