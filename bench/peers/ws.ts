// An echo server with ws. The environment decides about its native add-ons: WS_NO_BUFFER_UTIL and WS_NO_UTF_8_VALIDATE
// are ws's own switches; WS_ADD_ONS_REQUIRED makes sure that the add-ons are there where they are meant to be measured. DEFLATE
// is the option perMessageDeflate, as JSON.
// By its path, as what Bun has under the name "ws" is another program.
import { WebSocketServer } from "../node_modules/ws/wrapper.mjs";

const { PORT = "9002", WS_ADD_ONS_REQUIRED, DEFLATE = "false" } = process.env;

// ws falls back in silence when it doesn't find them.
if (WS_ADD_ONS_REQUIRED === "1") await Promise.all([import("bufferutil"), import("utf-8-validate")]);

const server = new WebSocketServer({
	host: "127.0.0.1",
	port: Number(PORT),
	maxPayload: 64 * 1024 * 1024,
	perMessageDeflate: JSON.parse(DEFLATE),
});

server.on("connection", (socket) => {
	socket.on("error", () => {});
	// ws hands text over undecoded, as a Buffer; sent back like this it is never decoded at all.
	socket.on("message", (message, isBinary) => socket.send(message, { binary: isBinary }));
});

server.on("listening", () => console.log(`listening on http://127.0.0.1:${PORT}`));
