import { timingSafeEqual } from "node:crypto";
import type { ConnectionInfo, Socket } from "@barewire/transport-node";
import { fiveTuple, hostOf } from "./five-tuple.ts";
import { pageFile } from "./page-files.ts";

/** So many WebSockets are let in, in all and from one address. */
const MOST_SOCKETS = 200;
const MOST_SOCKETS_PER_ADDRESS = 60;
/** "demo", password "demo": what `/members` wants to see before it says 101. */
const MEMBER = `Basic ${btoa("demo:demo")}`;

/** In the same time for every password of that length: nobody shall find it out byte by byte. */
function isMember(authorization: string): boolean {
	const given = new TextEncoder().encode(authorization);
	const wanted = new TextEncoder().encode(MEMBER);
	return given.length === wanted.length && timingSafeEqual(given, wanted);
}

/** Why a handshake is not let in, as an HTTP response; null when it is. */
export function refuse(
	path: string,
	request: Request,
	{ remote }: ConnectionInfo,
	sockets: ReadonlySet<Pick<Socket, "remote">>,
): Response | null {
	if (path !== "/live" && path !== "/socket" && path !== "/members") return text(404, "no WebSocket is served here");
	if (path === "/members" && !isMember(request.headers.get("authorization") ?? ""))
		return text(401, "members only", { "www-authenticate": 'Basic realm="members"' });
	const host = hostOf({ remote });
	let ofHost = 0;
	for (const socket of sockets) if (hostOf(socket) === host) ofHost++;
	return sockets.size >= MOST_SOCKETS || ofHost >= MOST_SOCKETS_PER_ADDRESS ? text(503, "too many WebSockets") : null;
}

/** The answer to an ordinary HTTP request. */
export function answer(request: Request, info: ConnectionInfo): Response {
	if (request.method !== "GET" && request.method !== "HEAD")
		return text(405, "this server answers GET and HEAD", { allow: "GET, HEAD" });
	const { pathname } = new URL(request.url);
	if (pathname === "/hello") return text(200, `an ordinary HTTP answer, on ${fiveTuple(info)}`);
	return pageFile(pathname) ?? text(404, "there is nothing here");
}

function text(status: number, line: string, fields: Record<string, string> = {}): Response {
	const bytes = new TextEncoder().encode(`${line}\n`);
	const headers = {
		"content-type": "text/plain; charset=utf-8",
		"content-length": String(bytes.length),
		"cache-control": "no-store",
		"x-content-type-options": "nosniff",
		...fields,
	};
	return new Response(bytes, { status, headers });
}
