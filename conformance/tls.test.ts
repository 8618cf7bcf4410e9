import { once } from "node:events";
import { connect } from "@barewire/transport-node";
import { expect, test } from "vitest";
import { WebSocket as WsWebSocket } from "ws";
import { LOCALHOST } from "./fixtures/certificates.ts";
import { serveEcho } from "./interop/echo-server.ts";
import { portOf, RawClient } from "./raw-client.ts";
import { RawServer } from "./suite/raw-server.ts";

test("the client of ws over TLS", async () => {
	const echo = await serveEcho({ tls: LOCALHOST });
	const client = new WsWebSocket(echo.url, { ca: LOCALHOST.cert });
	await once(client, "open");
	const socket = await echo.opened.next();
	client.send("from ws");
	expect(String((await once(client, "message"))[0])).toBe("from ws");
	client.close(1000);
	expect(await socket.closed).toMatchObject({ code: 1000, wasClean: true });
	await echo.close();
	expect(echo.errors).toEqual([]);
});

// What the suite can't ask of every runtime: a client that says nothing must not hold a socket for ever, nor outlive
// `timeouts.handshake`.
test.each(["", "\x16", "\x16\x03\x01\x02\x00\x01\x00", "\xff".repeat(600), "GET / HTTP/1.1\r\n\r\n"])(
	"a client that never completes the TLS handshake is cut off: %j",
	async (bytes) => {
		const hasty = await serveEcho({ tls: LOCALHOST, timeouts: { handshake: 50 } });
		const [waiting, ended] = await Promise.all([
			RawClient.open(portOf(hasty.server)),
			RawClient.open(portOf(hasty.server)),
		]);
		waiting.write(bytes);
		ended.write(bytes);
		ended.socket.end();
		await Promise.all([waiting.ended, ended.ended]);
		waiting.socket.destroy();
		ended.socket.destroy();
		await hasty.close();
	},
);

test("close() cuts off who has not completed the TLS handshake", async () => {
	const echo = await serveEcho({ tls: LOCALHOST, timeouts: { handshake: Number.POSITIVE_INFINITY } });
	const [silent, begun] = [await RawClient.open(portOf(echo.server)), await RawClient.open(portOf(echo.server))];
	begun.write("\x16\x03\x01\x02\x00\x01\x00");
	// Somebody who came later was served: the two have been accepted.
	const socket = await connect(echo.url, { tls: { ca: LOCALHOST.cert } });
	await echo.close();
	await Promise.all([silent.ended, begun.ended]);
	for (const client of [silent, begun]) client.socket.destroy();
	expect((await socket.closed).code).toBe(1001);
});

test("a caller that gives up in the middle of a TLS handshake drops the stream", async () => {
	const server = await RawServer.open();
	const controller = new AbortController();
	const reason = new Error("changed my mind");
	const connecting = connect(server.url.replace("ws:", "wss:"), { signal: controller.signal });
	const failed = expect(connecting).rejects.toBe(reason);
	const peer = await server.next();
	await peer.untilLength(1);
	controller.abort(reason);
	await failed;
	await peer.close();
	server.close();
});
