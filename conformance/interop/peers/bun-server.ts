// Bun.serve with its `websocket` handlers.

import { type DeflateParameters, LARGEST_COMPRESSED } from "../exchange/deflate.ts";
import { Conversation, choose, refuses } from "../programs/conversation.ts";
import { runServer } from "../programs/server-program.ts";

interface Data {
	readonly target: string;
	readonly protocol: string;
	conversation: Conversation | null;
	ponged: (() => void) | null;
}

// By bits of the window: a compressor's size has its hash tables in it, a decompressor's has not.
const COMPRESSORS: Record<number, Bun.WebSocketCompressor> = {
	9: "4KB",
	10: "8KB",
	11: "16KB",
	12: "32KB",
	13: "64KB",
	14: "128KB",
	15: "dedicated",
};
const DECOMPRESSORS: Record<number, Bun.WebSocketCompressor> = {
	11: "3KB",
	12: "4KB",
	13: "8KB",
	14: "16KB",
	15: "dedicated",
};

await runServer(async (deflate) => {
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
			// It is held against what came on the wire as well, where what can't be compressed is a little longer.
			...(deflate === null
				? null
				: { perMessageDeflate: bunDeflate(deflate), maxPayloadLength: 2 * LARGEST_COMPRESSED }),
			open(socket) {
				const conversation = new Conversation(socket.data.target, {
					protocol: socket.data.protocol,
					extensions: null,
					send: (message) => void socket.send(message, deflate !== null),
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
	return { port: server.port ?? 0, close: () => server.stop(true) };
});

/** "shared" is without context takeover, and a size is a window. */
function bunDeflate(deflate: DeflateParameters) {
	return {
		compress: deflate.serverNoContextTakeover ? "shared" : COMPRESSORS[deflate.serverMaxWindowBits ?? 15],
		decompress: deflate.clientNoContextTakeover ? "shared" : DECOMPRESSORS[deflate.clientMaxWindowBits ?? 15],
	};
}
