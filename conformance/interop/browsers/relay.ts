import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { Inbox } from "../inbox.ts";

/**
 * A second address of a site, for pages that then are of another origin. It also keeps the status line of each connection's first
 * response, which a browser does not show to a page.
 */
export class Relay {
	readonly port: number;
	/** Where it leads. */
	target: number = 0;
	readonly statusLines: Inbox<string> = new Inbox();
	private readonly server: Server;
	private readonly sockets: Set<Socket> = new Set();

	private constructor(server: Server) {
		this.server = server;
		this.port = (server.address() as AddressInfo).port;
		server.on("connection", (near: Socket) => this.relay(near));
	}

	static async listen(): Promise<Relay> {
		const server = createServer();
		server.listen(0, "127.0.0.1");
		await once(server, "listening");
		return new Relay(server);
	}

	async close(): Promise<void> {
		for (const socket of this.sockets) socket.destroy();
		this.server.close();
		await once(this.server, "close");
	}

	private relay(near: Socket): void {
		const far = connect(this.target, "127.0.0.1");
		let head = "";
		far.on("data", (chunk: Buffer) => {
			if (head.includes("\r\n")) return;
			head += chunk.toString("latin1");
			if (head.includes("\r\n")) this.statusLines.push(head.slice(0, head.indexOf("\r\n")));
		});
		for (const [from, to] of [
			[near, far],
			[far, near],
		] as const) {
			this.sockets.add(from);
			from.pipe(to);
			from.on("error", () => to.destroy());
			from.on("close", () => this.sockets.delete(from));
		}
	}
}
