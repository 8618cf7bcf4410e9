import { serve } from "@barewire/transport-deno";

const { PORT = "9001", HOST = "127.0.0.1", DEFLATE } = Deno.env.toObject();

const server = await serve({
	hostname: HOST,
	port: Number(PORT),
	origins: "any",
	// With peers that can, messages of 1 KiB and more are compressed.
	compression: DEFLATE === "1",
	limits: { maxMessageSize: 64 * 1024 * 1024, maxFragments: 1_000_000, maxBufferedBytes: 128 * 1024 * 1024 },
	// Any method gets its own body back; a GET has none, and gets a line of text.
	fetch: (request) => new Response(request.body ?? `${request.method} reached the echo server\n`),
	// Waiting for a slow reader is the back-pressure: its next message is read once this one has room.
	message: (socket, message) => (socket.send(message) ? undefined : socket.drained()),
});

const { address } = server;
console.log(`listening on http://${HOST}:${address.transport === "tcp" ? address.port : PORT}`);

Deno.addSignalListener("SIGTERM", async () => {
	const { clean, cut } = await server.close({ code: 1001 });
	console.log(`${clean} connections have ended in order, ${cut} were cut`);
	Deno.exit(0);
});
