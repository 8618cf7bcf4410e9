// Deno.serve and Deno.upgradeWebSocket.

import { Conversation, choose, refuses } from "../programs/conversation.ts";
import { runServer } from "../programs/server-program.ts";

// It has no option for compression, so it listens in the same way for those who offer it.
await runServer(async () => {
	const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
		if (refuses(request.url)) return new Response("no\n", { status: 403 });
		const protocol = choose(request.headers.get("sec-websocket-protocol")?.split(/ *, */) ?? []);
		const { socket, response } = Deno.upgradeWebSocket(request, protocol === undefined ? {} : { protocol });
		socket.binaryType = "arraybuffer";
		const conversation = new Conversation(request.url, {
			protocol: protocol ?? "",
			get extensions() {
				return socket.extensions === "" ? [] : [socket.extensions];
			},
			send: (message) => socket.send(message as string | Uint8Array<ArrayBuffer>),
			close: (code, reason) => socket.close(code, reason),
		});
		socket.addEventListener("open", () => conversation.opened());
		socket.addEventListener("message", ({ data }: { data: string | ArrayBuffer }) =>
			conversation.message(typeof data === "string" ? data : new Uint8Array(data)),
		);
		socket.addEventListener("close", ({ code, reason, wasClean }) => conversation.closed({ code, reason, wasClean }));
		return response;
	});
	return { port: server.addr.port, close: () => server.shutdown() };
});
