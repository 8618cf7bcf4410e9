// An echo server with Deno's own WebSockets. TLS_KEY and TLS_CERT have it speak TLS.

// What is used of it here. Deno's own types can't be had beside Node's.
declare const Deno: {
	serve(
		options: {
			hostname: string;
			port: number;
			key?: string | undefined;
			cert?: string | undefined;
			onListen(address: { port: number }): void;
		},
		handler: (request: Request) => Response,
	): unknown;
	upgradeWebSocket(request: Request, options: { idleTimeout: number }): { socket: WebSocket; response: Response };
};

const { PORT = "9005", TLS_KEY, TLS_CERT } = process.env;

Deno.serve(
	{
		hostname: "127.0.0.1",
		port: Number(PORT),
		...(TLS_KEY === undefined ? {} : { key: TLS_KEY, cert: TLS_CERT }),
		onListen: ({ port }) => console.log(`listening on http://127.0.0.1:${port}`),
	},
	(request) => {
		// 0: no pings. Nothing else can be set, and there is no compression.
		const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: 0 });
		// Cheaper than the Blob that would come otherwise.
		socket.binaryType = "arraybuffer";
		socket.onmessage = ({ data }: { data: string | ArrayBuffer }) => socket.send(data);
		return response;
	},
);
