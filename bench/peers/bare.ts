// The floor: an echo written by hand on node:net. It believes all that the client sends, and checks nothing: no server
// can be expected to do less than this.
import { createHash } from "node:crypto";
import { createServer, type Socket } from "node:net";
import { turnFrames } from "./bare-frames.ts";

const { PORT = "9004" } = process.env;

const server = createServer({ noDelay: true }, (socket) => {
	let head = "";
	socket.on("error", () => {});
	socket.on("data", function readHead(chunk: Buffer) {
		head += chunk.toString("latin1");
		const end = head.indexOf("\r\n\r\n");
		if (end === -1) return;
		socket.off("data", readHead);
		answer(socket, /^sec-websocket-key: *(.+?) *$/im.exec(head)?.[1] ?? "");
		echo(socket, Buffer.from(head.slice(end + 4), "latin1"));
	});
});

server.listen({ host: "127.0.0.1", port: Number(PORT), backlog: 4096 }, () => {
	console.log(`listening on http://127.0.0.1:${PORT}`);
});

function answer(socket: Socket, key: string): void {
	const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
	socket.write(
		`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
	);
}

function echo(socket: Socket, rest: Buffer): void {
	const turn = turnFrames();
	const receive = (chunk: Buffer): void => {
		const frames = turn(chunk);
		if (frames.length > 0 && !socket.write(frames)) {
			socket.pause();
			socket.once("drain", () => socket.resume());
		}
	};
	receive(rest);
	socket.on("data", receive);
}
