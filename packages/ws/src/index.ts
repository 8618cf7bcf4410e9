// What `ws` exports: a class with everything else on it, and the same by name.

import { extension } from "./extension.ts";
import { PerMessageDeflate } from "./per-message-deflate.ts";
import { Receiver } from "./receiver.ts";
import { Sender } from "./sender.ts";
import { createWebSocketStream } from "./stream.ts";
import { subprotocol } from "./subprotocol.ts";
import { WebSocket } from "./websocket.ts";
import { WebSocketServer } from "./websocket-server.ts";

interface Statics {
	readonly createWebSocketStream: typeof createWebSocketStream;
	readonly extension: typeof extension;
	readonly PerMessageDeflate: typeof PerMessageDeflate;
	readonly Receiver: typeof Receiver;
	readonly Sender: typeof Sender;
	readonly Server: typeof WebSocketServer;
	readonly subprotocol: typeof subprotocol;
	readonly WebSocket: typeof WebSocket;
	readonly WebSocketServer: typeof WebSocketServer;
}

const withStatics: typeof WebSocket & Statics = Object.assign(WebSocket, {
	createWebSocketStream,
	extension,
	PerMessageDeflate,
	Receiver,
	Sender,
	Server: WebSocketServer,
	subprotocol,
	WebSocket,
	WebSocketServer,
});

export {
	createWebSocketStream,
	extension,
	PerMessageDeflate,
	Receiver,
	Sender,
	subprotocol,
	WebSocket,
	WebSocketServer,
	// The class itself is what `require` gives.
	withStatics as default,
	withStatics as "module.exports",
};
