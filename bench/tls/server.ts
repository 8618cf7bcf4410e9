// barewire's echo server as in examples/echo, over TLS; the same on every runtime.
import process from "node:process";
import type { ServeOptions, Server } from "@barewire/transport-node";

/** Listens on the port in PORT, with the key and the certificate in TLS_KEY and TLS_CERT. */
export async function startTlsServer(
	serve: (options: ServeOptions<undefined>) => Promise<Server<undefined>>,
): Promise<void> {
	const { PORT = "9025", TLS_KEY = "", TLS_CERT = "" } = process.env;
	await serve({
		hostname: "127.0.0.1",
		port: Number(PORT),
		tls: { key: TLS_KEY, cert: TLS_CERT },
		message: (socket, message) => (socket.send(message) ? undefined : socket.drained()),
	});
	console.log(`listening on https://127.0.0.1:${PORT}`);
}
