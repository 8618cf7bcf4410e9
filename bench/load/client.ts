import { createHash, randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";
import { connect as connectTls, TLSSocket } from "node:tls";
import { stir } from "./vigil.ts";

/** What a client is told of its connection. */
export interface Receiver {
	/** The opening handshake is done. `extensions`: what the response has of them; "": nothing. Comes before `received`. */
	opened?(extensions: string): void;
	/** The bytes are the receiver's until it returns. */
	received(bytes: Buffer): void;
	/** After `received`. true: read no more until the socket is resumed. */
	readonly isResting?: boolean;
	ended(error: Error): void;
}

// One key for all handshakes: to make and to check another one for each would only take the generator's time.
const KEY = randomBytes(16).toString("base64");
const ACCEPT = createHash("sha1").update(`${KEY}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");

// One for all connections: what is read is dealt with before the next read.
const readBuffer = Buffer.alloc(256 * 1024);

/** What Chromium and Firefox offer. */
const OFFER = "permessage-deflate; client_max_window_bits";

export interface ClientOptions {
	readonly target?: string;
	/** Offer compression, and fail unless the server takes it up. Default false. */
	readonly compression?: boolean;
	/** The connection is over TLS, and this is whose certificates are right, in PEM; null: without TLS. Default null. */
	readonly ca?: string | null;
	/** The most that is read at once. Default 256 KiB. */
	readonly readSize?: number;
}

/** The server answered the opening handshake with another status than 101. */
export class Refused extends Error {
	readonly status: number;

	constructor(statusLine: string) {
		super(`the server did not switch: ${statusLine}`);
		this.status = Number(statusLine.split(" ")[1]);
	}
}

/** Opens a WebSocket connection the shortest way: raw bytes over a TCP socket. */
export function openClient(
	port: number,
	receiver: Receiver,
	{ target = "/", compression = false, ca = null, readSize = readBuffer.length }: ClientOptions = {},
): Promise<Socket> {
	return new Promise((resolve, reject) => {
		let head: string | null = "";
		const callback = (size: number): boolean => {
			stir();
			if (head === null) return receive(readBuffer.subarray(0, size));
			head += readBuffer.toString("latin1", 0, size);
			const end = head.indexOf("\r\n\r\n");
			if (end === -1) return true;
			const extensions = field(head, "extensions");
			const wrong = judge(head) ?? judgeExtensions(extensions, compression);
			const rest = Buffer.from(head.slice(end + 4), "latin1");
			head = null;
			if (wrong === null) {
				receiver.opened?.(extensions);
				resolve(socket);
			} else ended(wrong);
			return rest.length === 0 || receive(rest);
		};
		const receive = (bytes: Buffer): boolean => {
			receiver.received(bytes);
			return receiver.isResting !== true;
		};
		const buffer = readBuffer.subarray(0, readSize);
		const where = { host: "127.0.0.1", port, onread: { buffer, callback } };
		const socket = ca === null ? connect({ ...where, noDelay: true }) : connectTls({ ...where, ca }).setNoDelay();
		const ended = (error: Error): void => {
			socket.destroy();
			reject(error);
			receiver.ended(error);
		};
		socket.on(ca === null ? "connect" : "secureConnect", () => {
			stir();
			socket.write(request(target, port, compression));
		});
		socket.on("error", ended);
		socket.on("close", () => {
			stir();
			ended(new Error("the server closed the connection"));
		});
	});
}

/** Breaks a connection off: a port that lingers in TIME_WAIT would be in the way of later connections. */
export function breakOff(socket: Socket): void {
	// A TLS connection can't be reset.
	if (socket instanceof TLSSocket) socket.destroy();
	else socket.resetAndDestroy();
}

function request(target: string, port: number, compression: boolean): string {
	return [
		`GET ${target} HTTP/1.1`,
		`Host: 127.0.0.1:${port}`,
		"Upgrade: websocket",
		"Connection: Upgrade",
		`Sec-WebSocket-Key: ${KEY}`,
		"Sec-WebSocket-Version: 13",
		...(compression ? [`Sec-WebSocket-Extensions: ${OFFER}`] : []),
		"\r\n",
	].join("\r\n");
}

/** What is wrong with the response to the opening handshake; null: nothing. */
function judge(head: string): Error | null {
	if (!head.startsWith("HTTP/1.1 101 ")) return new Refused(head.split("\r\n", 1)[0]!);
	if (field(head, "accept") !== ACCEPT) return new Error("the server's accept key is wrong");
	return null;
}

function judgeExtensions(extensions: string, compression: boolean): Error | null {
	if (extensions.startsWith("permessage-deflate") === compression) return null;
	const wrong = compression ? "does not compress" : `answered what was not offered: ${extensions}`;
	return new Error(`the server ${wrong}`);
}

/** The value of Sec-WebSocket-… in a head; "": it is not there. */
function field(head: string, name: string): string {
	return new RegExp(`^sec-websocket-${name}: *(.+?) *$`, "im").exec(head)?.[1] ?? "";
}
