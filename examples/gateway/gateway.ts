import type { ClosedEvent, IncomingMessage, Server, Socket } from "@barewire/transport-node"; // or -deno, or -bun
import { accept, connect, HandshakeError, serve } from "@barewire/transport-node";

/** The socket that goes on to the upstream: the `data` of the client's. */
type Up = Socket<undefined, IncomingMessage>;

// RFC 9110 §7.6.1: a field that `Connection` names is for one hop, as these are. The others the next hop writes anew.
const HOP = /^(connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|host|content-length|expect)$/;
const HANDSHAKE = /^(origin|sec-websocket-(key|version|protocol|extensions))$/;

function forwarded(headers: Headers, isHandshake: boolean): Headers {
	const named = (headers.get("connection") ?? "").toLowerCase().split(/[\s,]+/);
	const onward = new Headers(headers);
	for (const name of headers.keys())
		if (HOP.test(name) || named.includes(name) || (isHandshake && HANDSHAKE.test(name))) onward.delete(name);
	return onward;
}

/** Ends one side as the other has ended. RFC 6455 §7.4.1: 1005 and 1006 say that there was no code, and are never sent. */
function endLike(socket: Pick<Socket, "close" | "terminate">, { code, reason }: ClosedEvent): void {
	if (code === 1006) socket.terminate();
	else if (code === 1005) socket.close();
	else socket.close(code, reason);
}

async function relay(from: Up, to: Socket<Up, IncomingMessage>): Promise<void> {
	try {
		for await (const message of from) await to.sendStream(message.kind, message, { idle: Infinity });
	} catch {
		// One of the two has ended, and its `closed` tells how.
	}
	endLike(to, await from.closed);
}

/** Passes HTTP and WebSocket on to one upstream, such as `http://127.0.0.1:9000`. */
export function gateway(upstream: string, port: number): Promise<Server<Up>> {
	const target = ({ url }: Request): string => upstream + url.slice(new URL(url).origin.length);
	const badGateway = (): Response => new Response("bad gateway\n", { status: 502 });
	return serve<Up>({
		port,
		receive: "parts",
		origins: "any", // the upstream gets `Origin`, and decides
		fetch(request) {
			const { method, body, signal } = request;
			const headers = forwarded(request.headers, false);
			const init = { method, headers, body, signal, redirect: "manual", duplex: "half" } as const;
			return fetch(target(request), init).catch(badGateway);
		},
		async upgrade(request) {
			const protocols = request.headers.get("sec-websocket-protocol")?.split(/\s*,\s*/) ?? [];
			const origin = request.headers.get("origin") ?? undefined;
			const headers = forwarded(request.headers, true);
			const { signal } = request;
			try {
				const up = await connect(target(request), { receive: "parts", protocols, origin, headers, signal });
				return accept({ data: up, protocol: up.protocol || undefined });
			} catch (error) {
				return (error instanceof HandshakeError && error.response) || badGateway();
			}
		},
		open: (socket) => void relay(socket.data, socket),
		message: ({ data: up }, message) => up.sendStream(message.kind, message, { idle: Infinity }),
		close: ({ data: up }, event) => endLike(up, event),
	});
}
