import { createHash, randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";

/** What a client is told of its connection after the opening handshake. */
export interface Receiver {
	/** The octets are the receiver's until it returns. */
	received(octets: Buffer): void;
	ended(error: Error): void;
}

// One for all connections: what is read is dealt with before the next read.
const readBuffer = Buffer.alloc(256 * 1024);

/** Opens a WebSocket connection the shortest way: raw octets over a TCP socket. */
export function openClient(port: number, receiver: Receiver): Promise<Socket> {
	return new Promise((resolve, reject) => {
		const key = randomBytes(16).toString("base64");
		let head: string | null = "";
		const callback = (size: number): boolean => {
			if (head === null) {
				receiver.received(readBuffer.subarray(0, size));
				return true;
			}
			head += readBuffer.toString("latin1", 0, size);
			if (!head.includes("\r\n\r\n")) return true;
			const wrong = judge(head, key);
			head = null;
			if (wrong === null) resolve(socket);
			else ended(new Error(wrong));
			return true;
		};
		const socket = connect({ host: "127.0.0.1", port, noDelay: true, onread: { buffer: readBuffer, callback } });
		const ended = (error: Error): void => {
			socket.destroy();
			reject(error);
			receiver.ended(error);
		};
		socket.on("connect", () => socket.write(request(port, key)));
		socket.on("error", ended);
		socket.on("close", () => ended(new Error("the server closed the connection")));
	});
}

function request(port: number, key: string): string {
	return [
		"GET / HTTP/1.1",
		`Host: 127.0.0.1:${port}`,
		"Upgrade: websocket",
		"Connection: Upgrade",
		`Sec-WebSocket-Key: ${key}`,
		"Sec-WebSocket-Version: 13",
		"\r\n",
	].join("\r\n");
}

/** What is wrong with the response to the opening handshake; null: nothing. */
function judge(head: string, key: string): string | null {
	const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
	if (!head.startsWith("HTTP/1.1 101 ")) return `the server did not switch: ${head.split("\r\n", 1)[0]}`;
	if (/^sec-websocket-accept: *(.+?) *$/im.exec(head)?.[1] !== accept) return "the server's accept key is wrong";
	if (!head.endsWith("\r\n\r\n")) return "the server sent something before it was sent anything";
	return null;
}
