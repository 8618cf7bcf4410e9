import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type Socket as NetSocket, type Server } from "node:net";
import { connect, type HandshakeError } from "@barewire/transport-node";
import { afterEach, describe, expect, test } from "vitest";
import { closePayload, encodeFrame, frame } from "../arbitraries/frames.ts";
import { concat, latin1 } from "../arbitraries/octets.ts";
import { portOf } from "../raw-client.ts";

/** Answers with these octets once the request is whole; returns where. */
type Answer = (request: string, socket: NetSocket) => void;

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** The 101 that belongs to the request (RFC 6455 §4.2.2). */
function switching(request: string): Uint8Array {
	const key = /^sec-websocket-key: *(.*)\r$/im.exec(request)?.[1];
	const accept = createHash("sha1").update(`${key}${GUID}`).digest("base64");
	return latin1(
		`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
	);
}

describe("our client against a server that writes octets", () => {
	let server: Server | null = null;

	afterEach(async () => {
		const closed = server && once(server, "close");
		server?.close();
		await closed;
		server = null;
	});

	async function serveRaw(answer: Answer): Promise<string> {
		const listening = createServer({ allowHalfOpen: true }, (socket) => {
			let request = "";
			socket.on("error", () => {});
			socket.on("end", () => socket.end());
			socket.on("data", (chunk: Buffer) => {
				const begun = request.includes("\r\n\r\n");
				request += chunk.toString("latin1");
				if (!begun && request.includes("\r\n\r\n")) answer(request, socket);
			});
		});
		server = listening;
		listening.listen(0, "127.0.0.1");
		await once(listening, "listening");
		const address = listening.address();
		if (address === null || typeof address === "string") throw new Error("no port");
		return `ws://127.0.0.1:${portOf({ address: { transport: "tcp", hostname: "", port: address.port } })}/`;
	}

	// RFC 9110 §15.2: "A client MUST be able to parse one or more 1xx responses received prior to a final response, even if
	// the client does not expect one."
	test.each([
		["100 Continue", "HTTP/1.1 100 Continue\r\n\r\n"],
		["103 Early Hints", "HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n"],
		["two of them", "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n"],
	])("%s before the switch", async (_name, interim) => {
		const url = await serveRaw((request, socket) => socket.write(concat([latin1(interim), switching(request)])));
		const socket = await connect(url, { timeouts: { closing: 100 } });
		expect(socket.readyState).toBe("open");
		socket.terminate();
		await socket.closed;
	});

	test("103 before a refusal", async () => {
		const url = await serveRaw((_request, socket) =>
			socket.end("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno"),
		);
		const error = await connect(url).then(
			() => null,
			(error: HandshakeError) => error,
		);
		expect(error).toMatchObject({ code: "ERR_HANDSHAKE_REFUSED" });
		expect(error?.response?.status).toBe(403);
		expect(await error?.response?.text()).toBe("no");
	});

	test("messages and a Close frame right behind the switch are not lost", async () => {
		const url = await serveRaw((request, socket) => {
			const frames = [frame(0x1, "one"), frame(0x2, Uint8Array.of(2)), frame(0x8, closePayload(4000, "done"))];
			socket.end(concat([switching(request), ...frames.map((each) => encodeFrame(each, "client"))]));
		});
		const socket = await connect(url);
		const messages: unknown[] = [];
		for await (const message of socket)
			messages.push(typeof message === "string" ? message : Buffer.from(message).toString("hex"));
		expect(messages).toEqual(["one", "02"]);
		expect(await socket.closed).toMatchObject({ code: 4000, reason: "done", wasClean: true, by: "peer" });
	});

	test("an answer that comes octet by octet", async () => {
		const url = await serveRaw((request, socket) => {
			socket.setNoDelay(true);
			const octets = concat([switching(request), encodeFrame(frame(0x1, "slowly"), "client")]);
			const send = (at: number): void => {
				if (at < octets.length) socket.write(octets.subarray(at, at + 1), () => setImmediate(send, at + 1));
			};
			send(0);
		});
		const socket = await connect(url);
		expect(await socket[Symbol.asyncIterator]().next()).toEqual({ done: false, value: "slowly" });
		socket.terminate();
		await socket.closed;
	});

	test("a masked frame of a server ends with 1002 (RFC 6455 §5.1)", async () => {
		let received = "";
		const url = await serveRaw((request, socket) => {
			socket.on("data", (chunk: Buffer) => {
				received += chunk.toString("hex");
			});
			socket.write(concat([switching(request), encodeFrame(frame(0x1, "masked"), "server")]));
		});
		const socket = await connect(url);
		expect((await socket.closed).error).toMatchObject({ kind: "masked-frame", closeCode: 1002 });
		// A Close frame, masked.
		expect(received).toMatch(/^88[89a-f]/);
	});

	// A client that followed would carry Authorization and Cookie to another origin.
	test("a redirect is not followed", async () => {
		let connections = 0;
		const url = await serveRaw((_request, socket) => {
			connections++;
			socket.end("HTTP/1.1 302 Found\r\nLocation: ws://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n");
		});
		const error = await connect(url, { headers: { authorization: "Basic Og==" } }).then(
			() => null,
			(error: HandshakeError) => error,
		);
		expect(error).toMatchObject({ code: "ERR_HANDSHAKE_REFUSED" });
		expect(error?.response?.status).toBe(302);
		expect(connections).toBe(1);
	});

	test.each([
		["no accept key", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"],
		["another key's", Buffer.from(switching("")).toString("latin1")],
	])("%s is no switch (RFC 6455 §4.1)", async (_name, answer) => {
		const url = await serveRaw((_request, socket) => socket.write(answer));
		await expect(connect(url)).rejects.toMatchObject({ name: "HandshakeError", code: "ERR_HANDSHAKE_INVALID" });
	});
});
