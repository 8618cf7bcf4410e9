import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { Inbox } from "../inbox.ts";
import { RecordedEnd, type Recording } from "./recording.ts";

/**
 * A second address of a server. It keeps what no end tells: the status line of each connection's first response, which a browser
 * does not show to a page, and what WebSocket connections look like on the wire. And pages that come by it are of another origin.
 */
export class Relay {
	readonly port: number;
	/** Where it leads. */
	target: number = 0;
	readonly statusLines: Inbox<string> = new Inbox();
	/** Each connection that has become a WebSocket. */
	readonly recordings: Inbox<Recording> = new Inbox();
	private readonly server: Server;
	private readonly sockets: Set<Socket> = new Set();

	private constructor(server: Server) {
		this.server = server;
		this.port = (server.address() as AddressInfo).port;
		server.on("connection", (near: Socket) => this.relay(near));
	}

	static async listen(target: number = 0): Promise<Relay> {
		// Either end may be done with sending before the other.
		const server = createServer({ allowHalfOpen: true });
		server.listen(0, "127.0.0.1");
		await once(server, "listening");
		const relay = new Relay(server);
		relay.target = target;
		return relay;
	}

	async close(): Promise<void> {
		for (const socket of this.sockets) socket.destroy();
		this.server.close();
		await once(this.server, "close");
	}

	private relay(near: Socket): void {
		const far = connect({ port: this.target, host: "127.0.0.1", allowHalfOpen: true });
		const recording = { client: new RecordedEnd(), server: new RecordedEnd() };
		near.on("data", (chunk: Buffer) => recording.client.read(chunk));
		far.on("data", (chunk: Buffer) => {
			const before = recording.server.startLine;
			recording.server.read(chunk);
			const { startLine } = recording.server;
			if (startLine === null || before !== null) return;
			this.statusLines.push(startLine);
			if (startLine.startsWith("HTTP/1.1 101 ")) this.recordings.push(recording);
		});
		for (const [from, to] of [
			[near, far],
			[far, near],
		] as const) {
			this.sockets.add(from);
			from.setNoDelay(true);
			from.pipe(to);
			from.on("error", () => to.destroy());
			from.on("close", () => this.sockets.delete(from));
		}
	}
}
