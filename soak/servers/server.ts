// The server of the soak: echoes, rooms and HTTP, and it leaves when it is told to. The same on every runtime.
import process from "node:process";
import type { accept, ServeOptions, Server, Socket } from "@barewire/transport-node";
import { countHandles } from "../handles.ts";
import { TIMES } from "../times.ts";
import { CLOSE_CODE, ORDERS, PATHS, STREAMED } from "./paths.ts";
import type { Counts, ServerRequest } from "./protocol.ts";

/** What a runtime's adapter gives. */
interface Adapter {
	readonly serve: (options: ServeOptions<State>) => Promise<Server<State>>;
	readonly accept: typeof accept;
}

interface State {
	readonly path: string;
}

const PIECE = new Uint8Array(64 * 1024);

/** Listens on the port in PORT, and tells how it stands when it is asked. */
export async function startServer({ serve, accept }: Adapter): Promise<void> {
	const { PORT = "9021" } = process.env;
	const server = await serve({
		hostname: "127.0.0.1",
		port: Number(PORT),
		origins: "any",
		compression: { keepContext: 1000 },
		...TIMES,
		fetch: (request) => (new URL(request.url).pathname === PATHS.endless ? endless() : new Response(request.body)),
		upgrade(request) {
			const path = new URL(request.url).pathname;
			return path === PATHS.refused ? new Response("no", { status: 403 }) : accept({ data: { path } });
		},
		open(socket) {
			if (socket.data.path.startsWith(PATHS.room)) socket.subscribe(socket.data.path);
		},
		message(socket, message) {
			const { path } = socket.data;
			if (path.startsWith(PATHS.room)) return void server.publish(path, message);
			return obey(socket, message) ?? (socket.send(message) ? undefined : wait(socket.drained()));
		},
		// What is printed falls short.
		error: (error) => console.error("told to `error`:", error),
	});
	process.on("message", async (request: ServerRequest) => {
		if (request !== "count" && request !== "close") return;
		if (request === "close") await server.close();
		process.send?.(count(server));
	});
	console.log(`listening on port ${PORT}`);
}

function obey(socket: Socket<State>, message: string | Uint8Array): Promise<void> | true | null {
	switch (message) {
		case ORDERS.close:
			socket.close(CLOSE_CODE, "as you say");
			return true;
		case ORDERS.terminate:
			socket.terminate();
			return true;
		case ORDERS.stream:
			return wait(socket.sendStream("binary", streamed()));
		default:
			return null;
	}
}

/** The socket may close first. */
function wait(promise: Promise<unknown>): Promise<void> {
	return promise.then(
		() => {},
		() => {},
	);
}

function* streamed(): Generator<Uint8Array> {
	for (let i = 0; i < STREAMED.pieces; i++) yield new Uint8Array(STREAMED.piece).fill(i);
}

function endless(): Response {
	return new Response(new ReadableStream({ pull: (controller) => controller.enqueue(PIECE.slice()) }));
}

function count(server: Server<State>): Counts {
	const { held, shared, bufferedAmount } = server.stats;
	return {
		connections: server.connections.length,
		sockets: server.sockets.size,
		stats: { held, shared, bufferedAmount },
		handles: countHandles(),
	};
}
