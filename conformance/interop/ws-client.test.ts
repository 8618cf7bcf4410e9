import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ClientOptions, WebSocket as WsWebSocket } from "ws";
import { type EchoServer, serveEcho } from "./echo-server.ts";
import { Inbox } from "./inbox.ts";

class WsPeer {
	readonly socket: WsWebSocket;
	readonly pongs: Inbox<string> = new Inbox();
	readonly closed: Promise<{ code: number; reason: string }>;
	private readonly messages: Inbox<string | Uint8Array> = new Inbox();

	constructor(socket: WsWebSocket) {
		this.socket = socket;
		socket.on("message", (data: Buffer, isBinary) => this.messages.push(isBinary ? data : data.toString()));
		socket.on("pong", (payload) => this.pongs.push(payload.toString()));
		this.closed = new Promise((resolve) =>
			socket.on("close", (code, reason) => resolve({ code, reason: reason.toString() })),
		);
	}

	send(message: string | Uint8Array): void {
		this.socket.send(message);
	}

	next(): Promise<string | Uint8Array> {
		return this.messages.next();
	}

	close(code?: number, reason?: string): void {
		this.socket.close(code, reason);
	}
}

function openWs(url: string, protocols: readonly string[] = [], options: ClientOptions = {}): Promise<WsPeer> {
	const peer = new WsPeer(new WsWebSocket(url, [...protocols], options));
	return new Promise((resolve, reject) => {
		peer.socket.once("open", () => resolve(peer));
		peer.socket.once("error", reject);
	});
}

describe("the client of ws against our server", () => {
	let echo: EchoServer;

	beforeAll(async () => {
		echo = await serveEcho();
	});

	afterAll(async () => {
		await echo.close();
		expect(echo.errors).toEqual([]);
	});

	test("fragments, empty ones too, make one message", async () => {
		const peer = await openWs(echo.url);
		peer.socket.send("first, ", { fin: false });
		peer.socket.ping("in between");
		peer.socket.send("", { fin: false });
		peer.socket.send("last", { fin: true });
		expect(await peer.pongs.next()).toBe("in between");
		expect(await peer.next()).toBe("first, last");
		peer.close(1000);
		await peer.closed;
	});

	test("a character may be cut between fragments", async () => {
		const peer = await openWs(echo.url);
		const [one, two] = [Buffer.from("€").subarray(0, 1), Buffer.from("€").subarray(1)];
		peer.socket.send(one, { fin: false, binary: false });
		peer.socket.send(two, { fin: true, binary: false });
		expect(await peer.next()).toBe("€");
		peer.close(1000);
		await peer.closed;
	});

	test("a ping is answered with its payload", async () => {
		const peer = await openWs(echo.url);
		peer.socket.ping("payload");
		expect(await peer.pongs.next()).toBe("payload");
		peer.close(1000);
		await peer.closed;
	});

	test("text that is not UTF-8 is answered with 1007", async () => {
		const peer = await openWs(echo.url);
		peer.socket.send(Buffer.from("c3 28".replace(" ", ""), "hex"), { binary: false });
		expect(await peer.closed).toMatchObject({ code: 1007 });
	});

	test("a message over the client's limit ends with its 1009", async () => {
		const fresh = await serveEcho();
		const peer = await openWs(fresh.url, [], { maxPayload: 1_000 });
		peer.socket.on("error", () => {});
		const socket = await fresh.opened.next();
		socket.send(new Uint8Array(1_001));
		expect(await socket.closed).toMatchObject({ code: 1009, by: "peer" });
		await fresh.close();
	});

	test("an offer of permessage-deflate that nobody takes up is declined", async () => {
		const peer = await openWs(echo.url, [], { perMessageDeflate: true });
		expect(peer.socket.extensions).toBe("");
		peer.send("plain");
		expect(await peer.next()).toBe("plain");
		peer.close(1000);
		await peer.closed;
	});

	test("a client that breaks off is told as 1006", async () => {
		const fresh = await serveEcho();
		const peer = await openWs(fresh.url);
		const socket = await fresh.opened.next();
		peer.socket.terminate();
		expect(await socket.closed).toMatchObject({ code: 1006, wasClean: false, by: "stream", stage: "open" });
		await fresh.close();
	});

	test("the application sees cookies and credentials, and refuses", async () => {
		const refusing = await serveEcho({
			upgrade: (request) =>
				new Response(`${request.headers.get("cookie")} ${request.headers.get("authorization")}`, {
					status: 401,
					headers: { "www-authenticate": "Basic" },
				}),
		});
		const socket = new WsWebSocket(refusing.url, { headers: { cookie: "a=b", authorization: "Basic Og==" } });
		const answer = await new Promise<{ status: number; asks: string; body: string }>((resolve) =>
			socket.on("unexpected-response", (_request, response) => {
				let body = "";
				response.setEncoding("utf8");
				response.on("data", (text: string) => {
					body += text;
				});
				response.on("end", () =>
					resolve({ status: response.statusCode ?? 0, asks: `${response.headers["www-authenticate"]}`, body }),
				);
			}),
		);
		expect(answer).toEqual({ status: 401, asks: "Basic", body: "a=b Basic Og==" });
		await refusing.close();
	});
});
