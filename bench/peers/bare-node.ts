// The floor: an echo written by hand on node:net. It believes all that the client sends, and checks nothing: no server
// can be expected to do less than this.
import { createServer, type Socket } from "node:net";
import { turnFrames } from "./bare-frames.ts";
import { BareHandshake } from "./bare-handshake.ts";

const { PORT = "9004" } = process.env;

const server = createServer({ noDelay: true }, (socket) => {
	const handshake = new BareHandshake();
	socket.on("error", () => {});
	socket.on("data", function readHead(chunk: Buffer) {
		const done = handshake.receive(chunk);
		if (done === null) return;
		socket.off("data", readHead);
		socket.write(done.response);
		echo(socket, done.rest);
	});
});

server.listen({ host: "127.0.0.1", port: Number(PORT), backlog: 4096 }, () => {
	console.log(`listening on http://127.0.0.1:${PORT}`);
});

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
