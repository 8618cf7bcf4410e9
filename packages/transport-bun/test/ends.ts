// Serves and connects once each way, closes it all, and has nothing more to do: the process must end by itself.
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LOCALHOST } from "../../../conformance/fixtures/certificates.ts";
import { connect, serve } from "../src/index.ts";

const path = join(tmpdir(), `barewire-${process.pid}.sock`);
for (const options of [{ port: 0 }, { port: 0, tls: LOCALHOST }, { path }]) {
	const server = await serve({ ...options, message: (socket, message) => void socket.send(message) });
	const { address } = server;
	const scheme = "tls" in options ? "wss" : "ws";
	const target = address.transport === "tcp" ? { port: address.port } : { port: 80, path };
	const socket = await connect(`${scheme}://localhost:${target.port}/`, {
		...("path" in target ? { path: target.path } : null),
		tls: { ca: LOCALHOST.cert },
	});
	socket.send("hello");
	for await (const message of socket) {
		console.log(message);
		break;
	}
	await server.close();
}
