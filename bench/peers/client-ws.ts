// The client of ws. The environment decides about its native add-ons, as for ws.ts.
import WebSocket from "ws";
import { startClient } from "../client/program.ts";

// ws falls back in silence when it doesn't find them.
if (process.env.WS_ADD_ONS_REQUIRED === "1") await Promise.all([import("bufferutil"), import("utf-8-validate")]);

startClient((url, received, ended) => {
	const { promise, resolve, reject } = Promise.withResolvers<WebSocket>();
	const socket = new WebSocket(url, { perMessageDeflate: false });
	socket.on("open", () => resolve(socket));
	// ws hands text over undecoded. Who uses it as text decodes it, as all other clients have done by now.
	socket.on("message", (data: Buffer, isBinary) => received(isBinary ? data : data.toString()));
	socket.on("error", reject);
	socket.on("close", ended);
	return promise;
});
