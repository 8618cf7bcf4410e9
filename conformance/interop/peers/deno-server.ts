// Deno.serve and Deno.upgradeWebSocket.

import { Conversation, choose, refuses } from "../programs/conversation.ts";
import { readLines, tell } from "../programs/standard-streams.ts";

const server = Deno.serve(
	{ hostname: "127.0.0.1", port: 0, onListen: ({ port }) => tell({ id: "listening", port }) },
	(request) => {
		if (refuses(request.url)) return new Response("no\n", { status: 403 });
		const protocol = choose(request.headers.get("sec-websocket-protocol")?.split(/ *, */) ?? []);
		const { socket, response } = Deno.upgradeWebSocket(request, protocol === undefined ? {} : { protocol });
		socket.binaryType = "arraybuffer";
		const conversation = new Conversation(request.url, {
			protocol: protocol ?? "",
			send: (message) => socket.send(message as string | Uint8Array<ArrayBuffer>),
			close: (code, reason) => socket.close(code, reason),
		});
		socket.addEventListener("open", () => conversation.opened());
		socket.addEventListener("message", ({ data }: { data: string | ArrayBuffer }) =>
			conversation.message(typeof data === "string" ? data : new Uint8Array(data)),
		);
		socket.addEventListener("close", ({ code, reason, wasClean }) => conversation.closed({ code, reason, wasClean }));
		return response;
	},
);
await readLines(() => {});
await server.shutdown();
