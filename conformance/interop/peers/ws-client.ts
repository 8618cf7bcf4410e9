// The client of ws, on Node.

import { once } from "node:events";
import { WebSocket } from "ws";
import { Inbox } from "../inbox.ts";
import { type OpenClient, runClient } from "../programs/client-program.ts";
import { wsDeflate, wsExtensions } from "./ws-deflate.ts";
import { sendWsFragments } from "./ws-fragments.ts";

await runClient(async (url, protocols, deflate): Promise<OpenClient> => {
	const socket = new WebSocket(url, [...protocols], deflate === null ? {} : { perMessageDeflate: wsDeflate(deflate) });
	const messages = new Inbox<string | Uint8Array | null>();
	socket.on("message", (data: Buffer, isBinary) => messages.push(isBinary ? data : data.toString()));
	const closed = new Promise<{ code: number; reason: string }>((resolve) =>
		socket.on("close", (code, reason) => {
			messages.push(null);
			resolve({ code, reason: reason.toString() });
		}),
	);
	await once(socket, "open");
	// A broken connection is told by its close.
	socket.on("error", () => {});
	return {
		protocol: socket.protocol,
		extensions: wsExtensions(socket.extensions),
		send: (message) => socket.send(message),
		sendFragments: (fragments) => sendWsFragments(socket, fragments),
		async ping() {
			const ponged = once(socket, "pong");
			socket.ping();
			await ponged;
		},
		next: () => messages.next(),
		close: (code, reason) => socket.close(code, reason),
		closed,
	};
});
