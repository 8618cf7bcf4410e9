// An echo server with crossws over Bun's own WebSockets.
import crossws from "crossws/adapters/bun";

// What is used of it here. Bun's own types can't be had beside Node's.
declare const Bun: {
	serve(options: {
		hostname: string;
		port: number;
		fetch(request: Request, server: never): Promise<Response | undefined>;
		websocket: object;
	}): unknown;
};

const { PORT = "9019" } = process.env;
const MIB = 1024 * 1024;

const { handleUpgrade, websocket } = crossws({
	// 0: never.
	idleTimeout: 0,
	hooks: { message: (peer, message) => void peer.send(message.rawData) },
});
Bun.serve({
	hostname: "127.0.0.1",
	port: Number(PORT),
	fetch: (request, server) => handleUpgrade(request, server),
	// What a slow reader leaves waiting beyond the limit is dropped, and an echo must not be.
	websocket: { ...websocket, maxPayloadLength: 64 * MIB, backpressureLimit: 64 * MIB },
});
console.log(`listening on http://127.0.0.1:${PORT}`);
