import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { Inbox } from "../interop/inbox.ts";
import { RawClient } from "../raw-client.ts";

/**
 * Below the ports that the system gives to whoever asks for any: a client of another test that runs at the same time, and
 * comes too late to a port that was given back, must not come here instead.
 */
const [FIRST_PORT, PORTS] = [10_000, 20_000];

/** Listens on a port that is free, and tells which. */
async function listen(server: Server): Promise<number> {
	for (;;) {
		const port = FIRST_PORT + Math.floor(Math.random() * PORTS);
		try {
			server.listen(port, "127.0.0.1");
			await once(server, "listening");
			return port;
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
		}
	}
}

/** Listens, and hands over what connects as bytes. */
export class RawServer {
	readonly port: number;
	private readonly server: Server;
	private readonly accepted: Inbox<RawClient>;

	private constructor(server: Server, port: number, accepted: Inbox<RawClient>) {
		this.server = server;
		this.port = port;
		this.accepted = accepted;
	}

	static async open(): Promise<RawServer> {
		const accepted = new Inbox<RawClient>();
		const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
			accepted.push(RawClient.around(socket)),
		);
		return new RawServer(server, await listen(server), accepted);
	}

	get url(): string {
		return `ws://127.0.0.1:${this.port}/`;
	}

	/** The next connection. */
	next(): Promise<RawClient> {
		return this.accepted.next();
	}

	/** Accepts no more. */
	close(): void {
		this.server.close();
	}
}
