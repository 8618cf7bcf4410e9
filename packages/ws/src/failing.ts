import type { ClientRequest } from "node:http";
import { nextTick } from "node:process";
import type { WebSocket } from "./websocket.ts";

/** Gives the opening handshake up: `error` and `close` follow. */
export function abortHandshake(socket: WebSocket, request: ClientRequest, message: string): void {
	socket._readyState = socket.CLOSING;
	socket._req = null;
	request.destroy();
	nextTick(failHandshake, socket, new Error(message));
}

/** The opening handshake has failed: tells of it, and of the end. */
export function failHandshake(socket: WebSocket, error: Error): void {
	socket._readyState = socket.CLOSING;
	// An error that nobody listens for must not keep `close` from coming.
	try {
		socket.emit("error", error);
	} finally {
		socket.emitClose();
	}
}
