import { createServer } from "node:net";
import { connect, serve } from "@barewire/transport-node";
import { attachSocket } from "../../packages/transport-node/src/stream.ts";
import type { Runtime } from "../suite/runtime.ts";

export const node: Runtime = {
	name: "node",
	serve,
	connect,
	listen(attach) {
		const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
			attachSocket(socket, { local: null, remote: null, secure: false }, attach),
		);
		return new Promise((resolve) =>
			server.listen(0, "127.0.0.1", () => {
				const { port } = server.address() as { port: number };
				resolve({ port, close: () => void server.close() });
			}),
		);
	},
};
