import { once } from "node:events";
import { type AddressInfo, connect } from "node:net";
import { describe, expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { ASKING_NOTHING } from "../exchange/deflate.ts";
import { digestOf } from "../exchange/messages.ts";
import { Inbox } from "../inbox.ts";
import { subjects } from "../matrix.ts";
import { converse } from "../pair.ts";
import { wsDeflate } from "../peers/ws-deflate.ts";
import { RUNTIMES } from "../runtimes.ts";
import { cutInEachWay } from "./cuts.ts";

// A fragment of a compressed message may end anywhere (RFC 7692 §6.1), within a character and within a block. ws ends its
// fragments with a block, so here it opens the connection and reads what comes, and is written around.

const TEXT = "wörld, € \u{1f600}, wörld, € \u{1f600}, and so on";

describe("a compressed message that is cut anywhere", () => {
	const servers = subjects("server");
	const clients = subjects("client");

	test.each(RUNTIMES)("reaches our server on %s", async (runtime) => {
		const port = await servers[runtime]().compressingPort(ASKING_NOTHING);
		const stream = connect(port, "127.0.0.1");
		const socket = new WebSocket(`ws://127.0.0.1:${port}/`, {
			createConnection: () => stream,
			perMessageDeflate: wsDeflate(ASKING_NOTHING),
		});
		const answers = new Inbox<string>();
		socket.on("message", (data: Buffer) => answers.push(data.toString()));
		const closed = once(socket, "close");
		await once(socket, "open");
		expect(socket.extensions).toBe("permessage-deflate");
		for (const frames of await cutInEachWay("server", TEXT)) {
			stream.write(frames);
			expect(await answers.next()).toBe(TEXT);
		}
		socket.close(1000);
		expect((await closed)[0]).toBe(1000);
	});

	test.each(RUNTIMES)("reaches our client on %s", async (runtime) => {
		const server = new WebSocketServer({
			port: 0,
			host: "127.0.0.1",
			perMessageDeflate: wsDeflate(ASKING_NOTHING),
		});
		await once(server, "listening");
		const messages = await cutInEachWay("client", TEXT);
		server.on("connection", (_socket, { socket: stream }) => {
			for (const frames of messages) stream.write(frames);
		});
		const { extensions, messages: received } = await converse(
			clients[runtime](),
			(server.address() as AddressInfo).port,
			"/",
			{ deflate: ASKING_NOTHING, expect: messages.length, close: { code: 1000 } },
		);
		expect(extensions).toEqual(["permessage-deflate"]);
		expect(received).toEqual(messages.map(() => digestOf(TEXT)));
		server.close();
		await once(server, "close");
	});
});
