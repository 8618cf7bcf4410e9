import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { accept, attach, type Observed, type Socket, type UpgradeOptions, upgrade } from "@barewire/transport-node";
import { Inbox } from "../../interop/inbox.ts";
import { RawClient } from "../../raw-client.ts";
import { asking, switching } from "../asking.ts";
import { assertWhole, ECHOED, ECHOING, HI_AND_CLOSE, http } from "../attached.ts";
import { type Case, family } from "../case.ts";
import { failure, shown } from "../failing.ts";
import { passTurns } from "../turns.ts";
import { frame, frameFor } from "../wire-frames.ts";

/** The arguments of an `upgrade` event. */
type Event = [request: IncomingMessage, socket: Duplex, head: Buffer];

/** An HTTP server whose upgrades wait to be taken. */
async function waiting() {
	const { server, port, close } = await http();
	const events = new Inbox<Event>();
	server.on("upgrade", (...event) => events.push(event));
	/** A client that sends that, and its event. */
	const ask = async (...sent: readonly (string | Uint8Array)[]): Promise<{ client: RawClient; event: Event }> => {
		const client = await RawClient.open(port);
		client.write(Buffer.concat(sent.map((each) => Buffer.from(each))));
		return { client, event: await events.next() };
	};
	return { server, ask, close };
}

/** Has the client end its half, and waits until the HTTP server's socket has told so. */
async function endHalf(client: RawClient, [, socket]: Event): Promise<void> {
	const ended = new Promise((resolve) => socket.once("end", resolve));
	client.socket.end();
	socket.resume();
	await ended;
}

const HANDSHAKE_ENDED = {
	name: "HandshakeError",
	code: "ERR_HANDSHAKE_ENDED",
	message: "the client was not let in: the connection to the client has ended",
};

export const upgrading: readonly Case[] = family("an upgrade of an HTTP server, taken", "server", {
	async "gives the socket that the handlers get: first to `open`, then to who awaits"() {
		const { ask, close } = await waiting();
		const seen: Socket[] = [];
		const { client, event } = await ask(asking(), HI_AND_CLOSE);
		const taken = upgrade(...event, { ...ECHOING, open: (socket) => void seen.push(socket) });
		assert.equal(seen.length, 1, "it is open when the call returns");
		assert.deepEqual([await taken], seen);
		await client.close();
		assert.equal(client.text, switching() + ECHOED);
		await close();
	},
	async "without a `message` handler, what came with the head waits"() {
		const { ask, close } = await waiting();
		const { client, event } = await ask(asking(), HI_AND_CLOSE);
		const socket = await upgrade(...event, {});
		assert.deepEqual(await socket[Symbol.asyncIterator]().next(), { done: false, value: "hi" });
		await client.close();
		await close();
	},
	...Object.fromEntries(
		["paused", "not paused"].map((how) => [
			`later, of a socket that was ${how} meanwhile`,
			async () => {
				const { ask, close } = await waiting();
				const { client, event } = await ask(asking());
				if (how === "paused") event[1].pause();
				client.write(HI_AND_CLOSE);
				await passTurns(20);
				await upgrade(...event, ECHOING);
				await client.close();
				assert.equal(client.text, switching() + ECHOED);
				await close();
			},
		]),
	),
	async "the same options are one server, with its topics and limits; others are another"() {
		const { ask, close } = await waiting();
		const options: UpgradeOptions = { limits: { maxConnections: 2 }, open: (socket) => socket.subscribe("news") };
		const asked = [await ask(asking()), await ask(asking()), await ask(asking())];
		const [one, two, three] = asked.map(({ event }) => upgrade(...event, options));
		const { server } = (await one) as Socket;
		assert.equal(((await two) as Socket).server, server);
		assert.deepEqual([server.sockets.size, server.publish("news", "1")], [2, 2]);
		assert.deepEqual(shown(await failure(() => three as Promise<Socket>)), {
			name: "HandshakeError",
			code: "ERR_HANDSHAKE_REFUSED",
			message: "the client was dropped: maxConnections",
		});
		const { client, event } = await ask(asking());
		assert.notEqual((await upgrade(...event, { ...options })).server, server);
		for (const each of [client, ...asked.map((each) => each.client)]) each.socket.destroy();
		await server.close();
		await close();
	},
	async "the data that the `upgrade` handler has made are the socket's"() {
		const { ask, close } = await waiting();
		const { client, event } = await ask(asking());
		const socket = await upgrade<{ name: string }>(...event, { upgrade: () => accept({ data: { name: "me" } }) });
		assert.equal(socket.data.name, "me");
		client.socket.destroy();
		await close();
	},
	...Object.fromEntries(
		(
			[
				["the application", { upgrade: () => new Response("no", { status: 401 }) }, "", "401: application"],
				["its origin", {}, "Origin: https://example.com", "403: origin"],
				["a rule", {}, "Sec-WebSocket-Key: twice", "400: repeated-key"],
			] as const
		).map(([why, options, more, message]) => [
			`rejects when the client is refused by ${why}, behind the whole answer`,
			async () => {
				const { ask, close } = await waiting();
				const { client, event } = await ask(asking({ more }));
				const error = await failure(() => upgrade(...event, options as UpgradeOptions));
				assert.deepEqual(shown(error), {
					name: "HandshakeError",
					code: "ERR_HANDSHAKE_REFUSED",
					message: `the client was refused with ${message}`,
				});
				await client.ended;
				await client.close();
				assertWhole(client.text, Number(message.slice(0, 3)));
				await close();
			},
		]),
	),
	async "nobody has to catch that"() {
		const { ask, close } = await waiting();
		const { client, event } = await ask(asking({ more: "Origin: https://example.com" }));
		void upgrade(...event, {});
		await client.ended;
		await client.close();
		await close();
	},
	async "rejects when the client has gone before"() {
		const { ask, close } = await waiting();
		const seen: Observed[] = [];
		const { client, event } = await ask(asking());
		const closed = new Promise((resolve) => event[1].once("close", resolve));
		event[1].on("error", () => {}).resume();
		await client.reset();
		await closed;
		const options: UpgradeOptions = { observe: (observed) => void seen.push(observed) };
		assert.deepEqual(shown(await failure(() => upgrade(...event, options))), HANDSHAKE_ENDED);
		assert.deepEqual(seen, []);
		await close();
	},
	async "rejects when the client has ended its half before, with nothing behind its handshake"() {
		const { ask, close } = await waiting();
		const { client, event } = await ask(asking());
		await endHalf(client, event);
		const opened: Socket[] = [];
		const options: UpgradeOptions = { open: (socket) => void opened.push(socket) };
		assert.deepEqual(shown(await failure(() => upgrade(...event, options))), HANDSHAKE_ENDED);
		assert.deepEqual(opened, []);
		await client.close();
		assert.equal(client.text, "");
		await close();
	},
	async "lets a client in that has ended its half behind a message, and knows of its end"() {
		const { ask, close } = await waiting();
		const { client, event } = await ask(asking(), frameFor("server", frame(0x81, Buffer.from("hi"))));
		await endHalf(client, event);
		const socket = await upgrade(...event, {});
		assert.deepEqual(await socket[Symbol.asyncIterator]().next(), { done: false, value: "hi" });
		const { code, by } = await socket.closed;
		assert.deepEqual([code, by], [1006, "stream"]);
		await client.close();
		await close();
	},
	async "rejects when the client goes while the `upgrade` handler decides"() {
		const { ask, close } = await waiting();
		const { client, event } = await ask(asking());
		const asked = new Inbox<Request>();
		const taken = upgrade(...event, {
			async upgrade(request) {
				asked.push(request);
				await new Promise((resolve) => request.signal.addEventListener("abort", resolve));
				return accept();
			},
		});
		await asked.next();
		client.socket.destroy();
		const { name, code } = shown(await failure(() => taken));
		assert.deepEqual([name, code], ["HandshakeError", "ERR_HANDSHAKE_ENDED"]);
		await close();
	},
	async "behind close() clients get 503"() {
		const { ask, close } = await waiting();
		const options: UpgradeOptions = {};
		const first = await ask(asking());
		const { server } = await upgrade(...first.event, options);
		first.client.socket.destroy();
		await server.close();
		const { client, event } = await ask(asking());
		assert.equal((await failure(() => upgrade(...event, options))).message, "the client was refused with 503: closing");
		await client.close();
		assertWhole(client.text, 503);
		await close();
	},
	async "a second time is a mistake, also of what is attached"() {
		const { server, ask, close } = await waiting();
		const attached = attach(server, { path: "/other" });
		const { client, event } = await ask(asking(), HI_AND_CLOSE);
		await upgrade(...event, ECHOING);
		const message = "this upgrade was taken before, by an earlier upgrade() or by an attach() that has its path";
		const mistake = { name: "UsageError", code: "ERR_STATE", message };
		assert.deepEqual(shown(await failure(() => upgrade(...event, ECHOING))), mistake);
		await client.close();
		assert.equal(client.text, switching() + ECHOED);
		const other = await ask(asking({ line: "GET /other HTTP/1.1" }));
		assert.deepEqual(shown(await failure(() => upgrade(...other.event, ECHOING))), mistake);
		other.client.socket.destroy();
		await attached.close();
		await close();
	},
	async "a wrong option leaves the socket alone"() {
		const { ask, close } = await waiting();
		const { client, event } = await ask(asking());
		assert.deepEqual(shown(await failure(() => upgrade(...event, { path: "/" } as object))), {
			name: "UsageError",
			code: "ERR_OPTION",
			message: "upgrade() does not take the option `path`: look at request.url before you call it",
		});
		event[1].end("still mine");
		await client.close();
		assert.equal(client.text, "still mine");
		await close();
	},
});
