// barewire's echo server as in examples/echo/node.ts, with the options for compression in DEFLATE, as JSON.
import { serve } from "@barewire/transport-node";

const { PORT = "9010", DEFLATE = "{}" } = process.env;

await serve({
	hostname: "127.0.0.1",
	port: Number(PORT),
	origins: "any",
	compression: JSON.parse(DEFLATE),
	limits: { maxMessageSize: 64 * 1024 * 1024, maxFragments: 1_000_000 },
	message: (socket, message) => (socket.send(message) ? undefined : socket.drained()),
});
console.log(`listening on http://127.0.0.1:${PORT}`);
