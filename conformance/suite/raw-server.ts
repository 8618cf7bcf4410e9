import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { Inbox } from "../interop/inbox.ts";
import { RawClient } from "../raw-client.ts";

/** Listens, and hands over what connects as octets. */
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
		server.listen(0, "127.0.0.1");
		await once(server, "listening");
		const address = server.address();
		if (address === null || typeof address === "string") throw new Error("no port");
		return new RawServer(server, address.port, accepted);
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
