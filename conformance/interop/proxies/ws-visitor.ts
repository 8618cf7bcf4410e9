import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { type ClientOptions, WebSocket } from "ws";
import { LOCALHOST } from "../../fixtures/certificates.ts";
import { Inbox } from "../inbox.ts";

/** A client of another make that comes through a proxy. */
export class WsVisitor {
	readonly socket: WebSocket;
	/** The 101. */
	answer: IncomingMessage | null = null;
	readonly messages: Inbox<string | Uint8Array> = new Inbox();
	readonly ended: Promise<{ code: number; reason: string }>;
	/** How many pings came. */
	pings: number = 0;

	private constructor(socket: WebSocket) {
		this.socket = socket;
		socket.on("upgrade", (answer) => {
			this.answer = answer;
		});
		socket.on("message", (data: Buffer, isBinary) => this.messages.push(isBinary ? data : data.toString()));
		socket.on("ping", () => this.pings++);
		this.ended = new Promise((resolve) =>
			socket.on("close", (code, reason) => resolve({ code, reason: reason.toString() })),
		);
	}

	/** Rejects when the handshake is refused. Does not compress unless told to. */
	static async open(url: string, protocols: readonly string[] = [], options: ClientOptions = {}): Promise<WsVisitor> {
		const socket = new WebSocket(url, [...protocols], { ca: LOCALHOST.cert, perMessageDeflate: false, ...options });
		const visitor = new WsVisitor(socket);
		await once(socket, "open");
		// A connection that breaks off is told by `ended`.
		visitor.socket.on("error", () => {});
		return visitor;
	}
}
