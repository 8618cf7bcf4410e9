import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";

/**
 * Lets bytes go to and fro over a socket that has nothing to do with the others, that many times. What the loop of this
 * process could have done with its other sockets meanwhile, it has done: a measure that does not depend on time.
 */
export async function passTurns(count: number): Promise<void> {
	const server = createServer((socket) => socket.pipe(socket));
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	const { port } = server.address() as AddressInfo;
	const socket = connect({ host: "127.0.0.1", port, noDelay: true });
	await once(socket, "connect");
	for (let i = 0; i < count; i++) {
		socket.write(Uint8Array.of(i & 0xff));
		await once(socket, "data");
	}
	socket.destroy();
	server.close();
}
