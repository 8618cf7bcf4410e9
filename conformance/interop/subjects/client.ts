import type { ConnectOptions, Socket } from "@barewire/endpoint";
import { type OpenClient, runClient } from "../programs/client-program.ts";
import { ourDeflate } from "./deflate.ts";

/** Our client, by the `connect` of one runtime. */
export function runSubjectClient(connect: (url: string, options: ConnectOptions) => Promise<Socket>): Promise<void> {
	return runClient(async (url, protocols, deflate): Promise<OpenClient> => {
		const socket = await connect(url, {
			protocols,
			...(deflate === null ? null : { compression: ourDeflate(deflate, "client") }),
		});
		const messages = socket[Symbol.asyncIterator]();
		return {
			protocol: socket.protocol,
			extensions: socket.extensions,
			send: (message) => void socket.send(message),
			ping: () => socket.ping(),
			next: async () => (await messages.next()).value ?? null,
			close: (code, reason) => socket.close(code, reason),
			get closed() {
				return socket.closed.then(({ error, ...end }) => ({ ...end, failure: error?.kind }));
			},
		};
	});
}
