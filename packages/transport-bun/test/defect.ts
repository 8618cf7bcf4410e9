// A handler of the endpoint's that throws; it says what comes of it. A program of its own, as the test runner takes every
// uncaught error for a failed test.
import { attachSocket, SOCKET_HANDLERS } from "../src/stream.ts";
import { NOBODY } from "../src/tls.ts";

process.on("uncaughtException", (error) => console.log(`uncaught: ${error.message}`));

const listener = Bun.listen({
	hostname: "127.0.0.1",
	port: 0,
	allowHalfOpen: true,
	data: NOBODY,
	socket: {
		...SOCKET_HANDLERS,
		open: (socket) =>
			attachSocket(socket, { local: null, remote: null, secure: false }, () => ({
				received() {
					throw new Error("a defect");
				},
				ended() {},
				drained() {},
				closed(error) {
					console.log(`closed: ${(error as { code?: string } | null)?.code}`);
					listener.stop();
				},
			})),
	},
});
await Bun.connect({
	hostname: "127.0.0.1",
	port: listener.port,
	socket: { data() {}, open: (socket) => void socket.write("x") },
});
