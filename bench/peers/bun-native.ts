// An echo server with Bun's own WebSockets. DEFLATE has it compress: it says with which of Bun's compressors. TLS_KEY
// and TLS_CERT have it speak TLS.

interface BunSocket {
	send(message: string | Uint8Array, compress: boolean): number;
}

// What is used of it here. Bun's own types can't be had beside Node's.
declare const Bun: {
	serve(options: {
		hostname: string;
		port: number;
		tls: { key: string; cert: string | undefined } | undefined;
		fetch(request: Request, server: { upgrade(request: Request): boolean }): Response | undefined;
		websocket: {
			perMessageDeflate: false | { compress: string; decompress: string };
			maxPayloadLength: number;
			backpressureLimit: number;
			idleTimeout: number;
			message(socket: BunSocket, message: string | Uint8Array): void;
		};
	}): unknown;
};

const { PORT = "9006", DEFLATE, TLS_KEY, TLS_CERT } = process.env;
const MIB = 1024 * 1024;

Bun.serve({
	hostname: "127.0.0.1",
	port: Number(PORT),
	tls: TLS_KEY === undefined ? undefined : { key: TLS_KEY, cert: TLS_CERT },
	fetch: (request, server) => (server.upgrade(request) ? undefined : new Response(null, { status: 426 })),
	websocket: {
		perMessageDeflate: DEFLATE === undefined ? false : { compress: DEFLATE, decompress: DEFLATE },
		maxPayloadLength: 64 * MIB,
		// What a slow reader leaves waiting beyond this is dropped, and an echo must not be.
		backpressureLimit: 64 * MIB,
		// 0: never.
		idleTimeout: 0,
		message: (socket, message) => void socket.send(message, DEFLATE !== undefined),
	},
});
console.log(`listening on http://127.0.0.1:${PORT}`);
