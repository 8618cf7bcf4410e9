// An echo server with crossws over Deno's own WebSockets.
import crossws from "crossws/adapters/deno";

// What is used of it here. Deno's own types can't be had beside Node's.
declare const Deno: {
	serve(
		options: { hostname: string; port: number; onListen(address: { port: number }): void },
		handler: (request: Request, info: object) => Promise<Response>,
	): unknown;
};

const { PORT = "9018" } = process.env;

const { handleUpgrade } = crossws({
	// 0: no pings.
	idleTimeout: 0,
	hooks: {
		open(peer) {
			// Cheaper than the Blob that would come otherwise.
			(peer.websocket as WebSocket).binaryType = "arraybuffer";
		},
		message: (peer, message) => void peer.send(message.rawData),
	},
});
Deno.serve(
	{
		hostname: "127.0.0.1",
		port: Number(PORT),
		onListen: ({ port }) => console.log(`listening on http://127.0.0.1:${port}`),
	},
	(request, info) => handleUpgrade(request, info),
);
