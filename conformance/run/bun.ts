import { connect, serve } from "@barewire/transport-bun";
import { attachSocket, SOCKET_HANDLERS, type SocketOwner } from "../../packages/transport-bun/src/stream.ts";
import type { Runtime } from "../suite/runtime.ts";

const PLACE = { local: null, remote: null, secure: false };

export const bun: Runtime = {
	name: "bun",
	serve,
	connect,
	async listen(attach) {
		const listener = Bun.listen<SocketOwner>({
			hostname: "127.0.0.1",
			port: 0,
			allowHalfOpen: true,
			socket: { ...SOCKET_HANDLERS, open: (socket) => attachSocket(socket, PLACE, attach) },
		});
		return { port: listener.port, close: () => listener.stop() };
	},
};
