// An echo server with ws. The environment decides about its native add-ons: WS_NO_BUFFER_UTIL and WS_NO_UTF_8_VALIDATE
// are ws's own switches; WS_ADD_ONS_REQUIRED makes sure that the add-ons are there where they are meant to be measured. DEFLATE
// is the option perMessageDeflate, as JSON. TLS_KEY and TLS_CERT have it behind Node's own HTTPS server.
// WS_PACKAGE is the package in whose place ws stands otherwise: the program is the same.
import { createServer } from "node:https";

const { PORT = "9002", WS_ADD_ONS_REQUIRED, WS_PACKAGE, DEFLATE = "false", TLS_KEY, TLS_CERT } = process.env;

// ws by its path, as what Bun has under the name "ws" is another program.
const { WebSocketServer } = (await import(WS_PACKAGE ?? "../node_modules/ws/wrapper.mjs")) as typeof import("ws");

// ws falls back in silence when it doesn't find them.
if (WS_ADD_ONS_REQUIRED === "1") await Promise.all([import("bufferutil"), import("utf-8-validate")]);

const address = { host: "127.0.0.1", port: Number(PORT) };
const https = TLS_KEY === undefined ? null : createServer({ key: TLS_KEY, cert: TLS_CERT }).listen(address);
const server = new WebSocketServer({
	...(https === null ? address : { server: https }),
	maxPayload: 64 * 1024 * 1024,
	perMessageDeflate: JSON.parse(DEFLATE),
});

server.on("connection", (socket) => {
	socket.on("error", () => {});
	// ws hands text over undecoded, as a Buffer; sent back like this it is never decoded at all.
	socket.on("message", (message, isBinary) => socket.send(message, { binary: isBinary }));
});

server.on("listening", () => console.log(`listening on http://127.0.0.1:${PORT}`));
