"use strict";

// tRPC: its handler on ws, and its wsLink with ws as its WebSocket.

const { deepStrictEqual, strictEqual } = require("node:assert");
const { once } = require("node:events");
const { createTRPCClient, createWSClient, wsLink } = require("@trpc/client");
const { initTRPC } = require("@trpc/server");
const { applyWSSHandler } = require("@trpc/server/adapters/ws");
const WebSocket = require("ws");

const done = (what) => console.log(`ok: ${what}`);

async function main() {
	const t = initTRPC.create();
	const router = t.router({
		greet: t.procedure.input((value) => String(value)).query(({ input }) => `hello ${input}`),
		add: t.procedure.input((value) => value).mutation(({ input }) => input.a + input.b),
		count: t.procedure.subscription(async function* () {
			for (let i = 0; i < 3; i++) yield i;
		}),
	});
	const server = new WebSocket.WebSocketServer({ port: 0, host: "127.0.0.1" });
	await once(server, "listening");
	const handler = applyWSSHandler({ wss: server, router, keepAlive: { enabled: true } });
	const link = createWSClient({ url: `ws://127.0.0.1:${server.address().port}`, WebSocket });
	const client = createTRPCClient({ links: [wsLink({ client: link })] });

	strictEqual(await client.greet.query("you"), "hello you");
	done("a query");

	strictEqual(await client.add.mutate({ a: 1, b: 2 }), 3);
	done("a mutation");

	const counted = [];
	await new Promise((resolve, reject) =>
		client.count.subscribe(undefined, {
			onData: (value) => counted.push(value),
			onComplete: resolve,
			onError: reject,
		}),
	);
	deepStrictEqual(counted, [0, 1, 2]);
	done("a subscription");

	handler.broadcastReconnectNotification();
	strictEqual(await client.greet.query("again"), "hello again");
	done("a new connection when the server asks for it");

	await link.close();
	for (const socket of server.clients) socket.terminate();
	server.close();
}

main().catch((error) => {
	console.error(error);
	process.exit(1);
});
