import { nextTick } from "node:process";
import { Duplex, type DuplexOptions } from "node:stream";
import type { WebSocket } from "./websocket.ts";

/**
 * The socket as a Duplex: each message is a chunk, and each write is a message. Reading at its own pace slows the peer down; a write is done
 * when its message has left.
 */
export function createWebSocketStream(socket: WebSocket, options: DuplexOptions = {}): Duplex {
	/** Whether it was the stream that ended the connection at once. */
	let isCut = true;
	const duplex = new Duplex({
		...options,
		autoDestroy: false,
		emitClose: false,
		objectMode: false,
		writableObjectMode: false,
		read() {
			if (socket.isPaused) socket.resume();
		},
		write(chunk: unknown, _encoding, callback) {
			const send = (): void => socket.send(chunk as string, (error?: Error) => callback(error ?? null));
			if (socket.readyState === socket.CONNECTING) socket.once("open", send);
			else send();
		},
		final(callback) {
			const close = (): void => {
				if (socket.readyState === socket.CLOSED) return callback();
				socket.once("close", () => callback());
				socket.close();
			};
			if (socket.readyState === socket.CONNECTING) socket.once("open", close);
			else close();
		},
		destroy(error, callback) {
			if (socket.readyState === socket.CLOSED) {
				callback(error);
				nextTick(() => duplex.emit("close"));
				return;
			}
			let isTold = false;
			socket.once("error", (reason) => {
				isTold = true;
				callback(reason);
			});
			socket.once("close", () => {
				if (!isTold) callback(error);
				nextTick(() => duplex.emit("close"));
			});
			if (isCut) socket.terminate();
		},
	});
	socket.on("message", (message: Buffer, isBinary: boolean) => {
		const data = !isBinary && duplex.readableObjectMode ? message.toString() : message;
		if (!duplex.push(data)) socket.pause();
	});
	socket.once("error", (error: Error) => {
		if (duplex.destroyed) return;
		isCut = false;
		duplex.destroy(error);
	});
	socket.once("close", () => {
		if (!duplex.destroyed) duplex.push(null);
	});
	const destroyWhenDone = (): void => {
		duplex.off("end", destroyWhenDone);
		if (!duplex.destroyed && duplex.readableEnded && duplex.writableFinished) duplex.destroy();
	};
	duplex.on("end", destroyWhenDone);
	duplex.on("finish", destroyWhenDone);
	duplex.on("end", () => {
		if (!duplex.writableEnded) duplex.end();
	});
	return duplex;
}
