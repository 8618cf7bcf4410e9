// y-websocket's own server program, as it is started, and its client in two documents.

import { deepStrictEqual, strictEqual } from "node:assert";
import { once } from "node:events";
import http from "node:http";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { WebSocket } from "ws";
import { WebsocketProvider } from "y-websocket";
import * as Y from "yjs";

const done = (what) => console.log(`ok: ${what}`);

/** Starts the program, and gives the HTTP server that it makes: with port 0, only that knows where it is. */
async function startServer() {
	Object.assign(process.env, { HOST: "127.0.0.1", PORT: "0" });
	const { createServer } = http;
	const made = Promise.withResolvers();
	http.createServer = (...args) => {
		const server = createServer(...args);
		made.resolve(server);
		return server;
	};
	const folder = dirname(createRequire(import.meta.url).resolve("@y/websocket-server/package.json"));
	await import(join(folder, "src/server.js"));
	const server = await made.promise;
	if (!server.listening) await once(server, "listening");
	return server;
}

const server = await startServer();
const url = `ws://127.0.0.1:${server.address().port}`;
done("its server runs");

/** A document that is connected to all others of that room by the server alone, not within this process. */
function enter(room) {
	const doc = new Y.Doc();
	const provider = new WebsocketProvider(url, room, doc, { WebSocketPolyfill: WebSocket, disableBc: true });
	return { doc, provider };
}
const synced = ({ provider }) =>
	new Promise((resolve) => (provider.synced ? resolve() : provider.once("sync", () => resolve())));
const text = ({ doc }) => doc.getText("text");
/** Waits until that is so, as told by each update of the document. */
const until = ({ doc }, isSo) =>
	new Promise((resolve) => {
		const look = () => {
			if (!isSo()) return;
			doc.off("update", look);
			resolve();
		};
		doc.on("update", look);
		look();
	});

const one = enter("room");
const two = enter("room");
await Promise.all([synced(one), synced(two)]);
done("two documents are in step");

text(one).insert(0, "hello");
await until(two, () => text(two).toString() === "hello");
text(two).insert(5, " world");
await until(one, () => text(one).toString() === "hello world");
done("changes of both sides");

const large = "y".repeat(300_000);
text(one).insert(0, large);
await until(two, () => text(two).length === large.length + 11);
strictEqual(text(two).toString(), `${large}hello world`);
done("a change of 300 kB");

const aware = new Promise((resolve) => {
	two.provider.awareness.on("change", () => {
		const state = two.provider.awareness.getStates().get(one.doc.clientID);
		if (state?.name === "one") resolve(state);
	});
});
one.provider.awareness.setLocalState({ name: "one" });
deepStrictEqual(await aware, { name: "one" });
done("awareness");

two.provider.disconnect();
text(one).insert(0, "later ");
two.provider.connect();
await until(two, () => text(two).toString().startsWith("later "));
done("what was missed comes with the next connection");

const late = enter("room");
await synced(late);
strictEqual(text(late).toString(), text(one).toString());
done("a late document gets all of it");

for (const { provider, doc } of [one, two, late]) {
	provider.destroy();
	doc.destroy();
}
server.close();
await once(server, "close");
done("the server closes");
// The server keeps its documents for ever, and each has a timer.
process.exit();
