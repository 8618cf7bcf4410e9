"use strict";

// socketcluster's server and client.

const { deepStrictEqual, strictEqual } = require("node:assert");
const { once } = require("node:events");
const { createServer } = require("node:http");
const { create } = require("socketcluster-client");
const { attach } = require("socketcluster-server");

const done = (what) => console.log(`ok: ${what}`);

async function main() {
	const http = createServer();
	const agServer = attach(http);
	http.listen(0, "127.0.0.1");
	await once(http, "listening");
	(async () => {
		for await (const { socket } of agServer.listener("connection")) {
			(async () => {
				for await (const request of socket.procedure("twice")) request.end(request.data * 2);
			})();
		}
	})();

	const client = create({ hostname: "127.0.0.1", port: http.address().port });
	await client.listener("connect").once();
	done("connected");

	strictEqual(await client.invoke("twice", 21), 42);
	done("a procedure");

	const channel = client.subscribe("news");
	await channel.listener("subscribe").once();
	const heard = channel.once();
	await client.invokePublish("news", { text: "hi" });
	deepStrictEqual(await heard, { text: "hi" });
	done("a channel");

	client.disconnect();
	await agServer.close();
	http.close();
	done("closed");
	process.exit();
}

main().catch((error) => {
	console.error(error);
	process.exit(1);
});
