import type { ConnectOptions, Socket } from "@barewire/transport-node";
import type { Connect } from "./program.ts";

/** barewire's `connect`, with its limits, timers and pings as they are by default. */
export function connectBy(
	connect: (url: string, options: ConnectOptions<undefined>) => Promise<Socket<undefined>>,
): Connect {
	return async (url, received, ended) => {
		const socket = await connect(url, { message: (_socket, message) => received(message), close: ended });
		return {
			send: (message) => void socket.send(message),
			close: () => socket.close(1000),
		};
	};
}
