// The echo server of the clients that are measured: Bun's own. While they are, it never sleeps, and tells how busy it was.
import process from "node:process";
import { stir, Vigil } from "../load/vigil.ts";

interface BunSocket {
	send(message: string | Uint8Array): number;
}

// What is used of it here. Bun's own types can't be had beside Node's.
declare const Bun: {
	serve(options: {
		hostname: string;
		port: number;
		fetch(request: Request, server: { upgrade(request: Request): boolean }): Response | undefined;
		websocket: {
			perMessageDeflate: boolean;
			backpressureLimit: number;
			idleTimeout: number;
			message(socket: BunSocket, message: string | Uint8Array): void;
		};
	}): unknown;
};

const { PORT = "9024" } = process.env;

Bun.serve({
	hostname: "127.0.0.1",
	port: Number(PORT),
	fetch: (request, server) => (server.upgrade(request) ? undefined : new Response(null, { status: 426 })),
	websocket: {
		perMessageDeflate: false,
		// What a slow reader leaves waiting beyond this is dropped, and an echo must not be.
		backpressureLimit: 64 * 1024 * 1024,
		// 0: never.
		idleTimeout: 0,
		message(socket, message) {
			stir();
			socket.send(message);
		},
	},
});

let vigil: Vigil | null = null;
process.on("message", (request) => {
	if (request === "begin awake" || request === "begin") {
		vigil = new Vigil(request === "begin awake");
		process.send?.(0);
	} else if (request === "end") process.send?.(vigil?.end() ?? 0);
});
console.log(`listening on http://127.0.0.1:${PORT}`);
