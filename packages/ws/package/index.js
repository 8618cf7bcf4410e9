// The class and its statics are made once, by the bundle: whoever imports and whoever requires get the same.

import WebSocket from "./index.cjs";

export const { createWebSocketStream, extension, PerMessageDeflate, Receiver, Sender, subprotocol, WebSocketServer } =
	WebSocket;
export { WebSocket, WebSocket as default };
