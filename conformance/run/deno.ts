import { connect, serve } from "@barewire/transport-deno";
import { attachConn } from "../../packages/transport-deno/src/stream.ts";
import type { Runtime } from "../suite/runtime.ts";

export const deno: Runtime = {
	name: "deno",
	serve,
	connect,
	async listen(attach) {
		const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
		const accept = async (): Promise<void> => {
			for await (const conn of listener) attachConn(conn, { local: null, remote: null, secure: false }, attach);
		};
		void accept();
		return { port: listener.addr.port, close: () => listener.close() };
	},
};
