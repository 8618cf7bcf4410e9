import { accept, type ServeOptions, type Server, type Socket } from "@barewire/endpoint";
import { LARGEST_COMPRESSED } from "../exchange/deflate.ts";
import { MAX_MESSAGE_SIZE } from "../exchange/lines.ts";
import { Conversation, choose, refuses } from "../programs/conversation.ts";
import { type ListeningServer, runServer } from "../programs/server-program.ts";
import { ourDeflate } from "./deflate.ts";

/** What `upgrade` leaves for the socket. */
interface Connection {
	readonly target: string;
	conversation: Conversation | null;
}

/** Our server, by the `serve` of one runtime. */
export function runSubjectServer(
	serve: (options: ServeOptions<Connection>) => Promise<Server<Connection>>,
): Promise<void> {
	return runServer(async (deflate): Promise<ListeningServer> => {
		const server = await serve({
			hostname: "127.0.0.1",
			port: 0,
			limits: { maxMessageSize: deflate === null ? MAX_MESSAGE_SIZE : LARGEST_COMPRESSED },
			...(deflate === null ? null : { compression: ourDeflate(deflate, "server") }),
			upgrade({ url, headers }) {
				if (refuses(url)) return new Response("no\n", { status: 403 });
				const protocol = choose(headers.get("sec-websocket-protocol")?.split(/ *, */) ?? []);
				return accept({ data: { target: url, conversation: null }, ...(protocol === undefined ? null : { protocol }) });
			},
			open(socket) {
				const conversation = new Conversation(socket.data.target, servedClient(socket));
				socket.data.conversation = conversation;
				conversation.opened();
			},
			message: (socket, message) => socket.data.conversation?.message(message),
			close: (socket, { error, ...end }) => socket.data.conversation?.closed({ ...end, failure: error?.kind }),
		});
		const { address } = server;
		if (address.transport !== "tcp") throw new Error("a Unix socket was not asked for");
		return { port: address.port, close: () => server.close({ deadline: 500 }) };
	});
}

function servedClient(socket: Socket<Connection>) {
	return {
		protocol: socket.protocol,
		extensions: socket.extensions,
		send: (message: string | Uint8Array) => void socket.send(message),
		ping: () => socket.ping(),
		close: (code?: number, reason?: string) => socket.close(code, reason),
	};
}
