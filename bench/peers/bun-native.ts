// An echo server with Bun's own WebSockets.

// What is used of it here. Bun's own types can't be had beside Node's.
declare const Bun: {
	serve(options: {
		hostname: string;
		port: number;
		fetch(request: Request, server: { upgrade(request: Request): boolean }): Response | undefined;
		websocket: {
			perMessageDeflate: boolean;
			maxPayloadLength: number;
			backpressureLimit: number;
			idleTimeout: number;
			message(socket: { send(message: string | Uint8Array): number }, message: string | Uint8Array): void;
		};
	}): unknown;
};

const { PORT = "9006" } = process.env;
const MIB = 1024 * 1024;

Bun.serve({
	hostname: "127.0.0.1",
	port: Number(PORT),
	fetch: (request, server) => (server.upgrade(request) ? undefined : new Response(null, { status: 426 })),
	websocket: {
		perMessageDeflate: false,
		maxPayloadLength: 64 * MIB,
		// What a slow reader leaves waiting beyond this is dropped, and an echo must not be.
		backpressureLimit: 64 * MIB,
		// 0: never.
		idleTimeout: 0,
		message: (socket, message) => void socket.send(message),
	},
});
console.log(`listening on http://127.0.0.1:${PORT}`);
