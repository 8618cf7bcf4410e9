// Bun.serve with its `websocket` handlers.

import { Conversation, choose, refuses } from "../programs/conversation.ts";
import { readLines, tell } from "../programs/standard-streams.ts";

interface Data {
	readonly target: string;
	readonly protocol: string;
	conversation: Conversation | null;
	ponged: (() => void) | null;
}

const server = Bun.serve<Data>({
	hostname: "127.0.0.1",
	port: 0,
	fetch(request, server) {
		if (refuses(request.url)) return new Response("no\n", { status: 403 });
		const protocol = choose(request.headers.get("sec-websocket-protocol")?.split(/ *, */) ?? []) ?? "";
		const data = { target: request.url, protocol, conversation: null, ponged: null };
		const headers: Record<string, string> = protocol === "" ? {} : { "sec-websocket-protocol": protocol };
		return server.upgrade(request, { data, headers }) ? undefined : new Response(null, { status: 400 });
	},
	websocket: {
		open(socket) {
			const conversation = new Conversation(socket.data.target, {
				protocol: socket.data.protocol,
				send: (message) => void socket.send(message),
				ping: () =>
					new Promise<void>((resolve) => {
						socket.data.ponged = resolve;
						socket.ping();
					}),
				close: (code, reason) => socket.close(code, reason),
			});
			socket.data.conversation = conversation;
			conversation.opened();
		},
		message: ({ data }, message) => data.conversation?.message(message),
		pong: ({ data }) => data.ponged?.(),
		close: ({ data }, code, reason) => data.conversation?.closed({ code, reason }),
	},
});
tell({ id: "listening", port: server.port });
await readLines(() => {});
await server.stop(true);
