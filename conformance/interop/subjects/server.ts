import { accept, type ServeOptions, type Server, type Socket } from "@barewire/endpoint";
import { MAX_MESSAGE_SIZE } from "../exchange/lines.ts";
import { Conversation, choose, refuses } from "../programs/conversation.ts";
import { readLines, tell } from "../programs/standard-streams.ts";

/** What `upgrade` leaves for the socket. */
interface Connection {
	readonly target: string;
	conversation: Conversation | null;
}

/** Our server, by the `serve` of one runtime. */
export async function runSubjectServer(
	serve: (options: ServeOptions<Connection>) => Promise<Server<Connection>>,
): Promise<void> {
	const server = await serve({
		hostname: "127.0.0.1",
		port: 0,
		limits: { maxMessageSize: MAX_MESSAGE_SIZE },
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
	tell({ id: "listening", port: address.port });
	await readLines(() => {});
	await server.close({ deadline: 500 });
}

function servedClient(socket: Socket<Connection>) {
	return {
		protocol: socket.protocol,
		send: (message: string | Uint8Array) => void socket.send(message),
		ping: () => socket.ping(),
		close: (code?: number, reason?: string) => socket.close(code, reason),
	};
}
