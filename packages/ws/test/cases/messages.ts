import { once } from "node:events";
import { expect, test } from "vitest";
import { closed, events, type Kit, message, next } from "../kit.ts";

export function messageCases(kit: Kit): void {
	test("a text arrives as a Buffer that is not binary", async () => {
		const { client, peer } = await kit.pair();
		client.send("hello");
		const [data, isBinary] = await next(peer, "message");
		expect(Buffer.isBuffer(data)).toBe(true);
		expect([String(data), isBinary]).toEqual(["hello", false]);
	});

	test("a Buffer arrives as a Buffer that is binary", async () => {
		const { client, peer } = await kit.pair();
		client.send(Buffer.from([0, 255]));
		const [data, isBinary] = await next(peer, "message");
		expect([data, isBinary]).toEqual([Buffer.from([0, 255]), true]);
	});

	test("a server sends as a client does", async () => {
		const { client, peer } = await kit.pair();
		peer.send("from the server");
		expect(await message(client)).toEqual(["from the server", false]);
	});

	test("an empty text is a message", async () => {
		const { client, peer } = await kit.pair();
		client.send("");
		expect(await message(peer)).toEqual(["", false]);
	});

	test("an empty Buffer is a binary message", async () => {
		const { client, peer } = await kit.pair();
		client.send(Buffer.alloc(0));
		expect(await message(peer)).toEqual(["", true]);
	});

	test("a number is sent as text", async () => {
		const { client, peer } = await kit.pair();
		client.send(42);
		expect(await message(peer)).toEqual(["42", false]);
	});

	test("the number 0 is sent as text", async () => {
		const { client, peer } = await kit.pair();
		client.send(0);
		expect(await message(peer)).toEqual(["0", false]);
	});

	test("an ArrayBuffer is sent as binary", async () => {
		const { client, peer } = await kit.pair();
		client.send(Uint8Array.of(1, 2, 3).buffer);
		expect((await next(peer, "message"))[0]).toEqual(Buffer.from([1, 2, 3]));
	});

	test("of a typed array the bytes of its view are sent", async () => {
		const { client, peer } = await kit.pair();
		client.send(new Uint16Array(Uint16Array.of(1, 2, 3).buffer, 2, 1));
		expect((await next(peer, "message"))[0]).toEqual(Buffer.from([2, 0]));
	});

	test("of a DataView the bytes of its view are sent", async () => {
		const { client, peer } = await kit.pair();
		client.send(new DataView(Uint8Array.of(1, 2, 3).buffer, 1, 1));
		expect((await next(peer, "message"))[0]).toEqual(Buffer.from([2]));
	});

	test("an array of numbers is sent as bytes", async () => {
		const { client, peer } = await kit.pair();
		client.send([1, 2, 3]);
		expect((await next(peer, "message"))[0]).toEqual(Buffer.from([1, 2, 3]));
	});

	test("undefined is an empty binary message", async () => {
		const { client, peer } = await kit.pair();
		client.send(undefined as never);
		expect(await message(peer)).toEqual(["", true]);
	});

	test("an object that is no bytes throws a TypeError", async () => {
		const { client } = await kit.pair();
		expect(() => client.send({} as never)).toThrow(TypeError);
	});

	test("true throws a TypeError", async () => {
		const { client } = await kit.pair();
		expect(() => client.send(true as never)).toThrow(TypeError);
	});

	test("binary: true sends a string as binary", async () => {
		const { client, peer } = await kit.pair();
		client.send("é", { binary: true });
		expect(await message(peer)).toEqual(["é", true]);
	});

	test("binary: false sends a Buffer as text", async () => {
		const { client, peer } = await kit.pair();
		peer.send(Buffer.from("é"), { binary: false });
		expect(await message(client)).toEqual(["é", false]);
	});

	test("a client too sends a Buffer as text", async () => {
		const { client, peer } = await kit.pair();
		client.send(Buffer.from("é"), { binary: false });
		expect(await message(peer)).toEqual(["é", false]);
	});

	test("a text beyond ASCII arrives as it was", async () => {
		const { client, peer } = await kit.pair();
		client.send("ñ € 😀");
		expect(await message(peer)).toEqual(["ñ € 😀", false]);
	});

	test("a lone surrogate is replaced", async () => {
		const { client, peer } = await kit.pair();
		client.send("a\ud800");
		expect(await message(peer)).toEqual(["a\ufffd", false]);
	});

	test("a text of 126 bytes arrives", async () => {
		const { client, peer } = await kit.pair();
		client.send("x".repeat(126));
		expect(await message(peer)).toEqual(["x".repeat(126), false]);
	});

	test("a text of 70,000 bytes arrives", async () => {
		const { client, peer } = await kit.pair();
		peer.send("x".repeat(70_000));
		expect(await message(client)).toEqual(["x".repeat(70_000), false]);
	});

	test("3 MiB of a client arrive in one message", async () => {
		const { client, peer } = await kit.pair();
		const bytes = Buffer.alloc(3 * 2 ** 20, "abc");
		client.send(bytes);
		const [data] = await next(peer, "message");
		expect(bytes.equals(data as Buffer)).toBe(true);
	});

	test("3 MiB of a server arrive in one message", async () => {
		const { client, peer } = await kit.pair();
		const bytes = Buffer.alloc(3 * 2 ** 20, "abc");
		peer.send(bytes);
		const [data] = await next(client, "message");
		expect(bytes.equals(data as Buffer)).toBe(true);
	});

	test("a client's Buffer is as it was behind its sending", async () => {
		const { client, peer } = await kit.pair();
		const bytes = Buffer.alloc(70_000, "abc");
		client.send(bytes);
		await next(peer, "message");
		expect(bytes.equals(Buffer.alloc(70_000, "abc"))).toBe(true);
	});

	test("a thousand messages arrive in their order", async () => {
		const { client, peer } = await kit.pair();
		const all = events(peer, "message", 1000);
		for (let i = 0; i < 1000; i++) client.send(`${i}`);
		expect((await all).map(([data]) => Number(data))).toEqual(Array.from({ length: 1000 }, (_, i) => i));
	});

	test("texts and binary messages keep their order", async () => {
		const { client, peer } = await kit.pair();
		const all = events(peer, "message", 3);
		client.send("a");
		client.send(Buffer.from("b"));
		client.send("c");
		expect((await all).map(([data, isBinary]) => [String(data), isBinary])).toEqual([
			["a", false],
			["b", true],
			["c", false],
		]);
	});

	test("a message that is sent by the listener of a message arrives", async () => {
		const { client, peer } = await kit.pair();
		peer.on("message", (data, isBinary) => peer.send(data, { binary: isBinary }));
		client.send("echo");
		expect(await message(client)).toEqual(["echo", false]);
	});

	test("the callback is called without an error", async () => {
		const { client } = await kit.pair();
		const error = await new Promise((resolve) => client.send("a", (...args) => resolve(args[0] ?? null)));
		expect(error).toBe(null);
	});

	test("the callback may stand behind the options", async () => {
		const { client } = await kit.pair();
		const error = await new Promise((resolve) => client.send("a", {}, (...args) => resolve(args[0] ?? null)));
		expect(error).toBe(null);
	});

	test("the callback is never called within the call", async () => {
		const { peer } = await kit.pair();
		const order: string[] = [];
		const sent = new Promise<void>((resolve) => {
			peer.send("a", () => {
				order.push("callback");
				resolve();
			});
		});
		order.push("behind the call");
		await sent;
		expect(order).toEqual(["behind the call", "callback"]);
	});

	test("callbacks come in the order of the calls", async () => {
		const { client } = await kit.pair();
		const order: number[] = [];
		await new Promise<void>((resolve) => {
			client.send("a", () => order.push(1));
			client.send(Buffer.alloc(100_000), () => order.push(2));
			client.send("c", () => {
				order.push(3);
				resolve();
			});
		});
		expect(order).toEqual([1, 2, 3]);
	});

	test("the callback of a message that the listener of one sends is called", async () => {
		const { client, peer } = await kit.pair();
		const sent = new Promise<void>((resolve) => peer.on("message", (data) => peer.send(data, () => resolve())));
		client.send("a");
		await sent;
		expect(peer.bufferedAmount).toBe(0);
	});

	test("bufferedAmount is 0 where nothing waits", async () => {
		const { client } = await kit.pair();
		expect(client.bufferedAmount).toBe(0);
	});

	test("bufferedAmount tells what a peer that does not read leaves waiting", async () => {
		const { client, peer } = await kit.pair();
		(client as unknown as { _socket: { pause(): void } })._socket.pause();
		peer.send(Buffer.alloc(20 * 2 ** 20));
		await new Promise((resolve) => setImmediate(resolve));
		expect(peer.bufferedAmount).toBeGreaterThan(2 ** 20);
	});

	test("bufferedAmount is 0 once the callback is called", async () => {
		const { client } = await kit.pair();
		await new Promise<void>((resolve) => client.send("abc", () => resolve()));
		expect(client.bufferedAmount).toBe(0);
	});

	test("fin: false sends a binary message in fragments", async () => {
		const { client, peer } = await kit.pair();
		client.send(Buffer.from("ab"), { fin: false });
		client.send(Buffer.from("cd"), { fin: false });
		client.send(Buffer.from("ef"), { fin: true });
		expect(await message(peer)).toEqual(["abcdef", true]);
	});

	test("fin: false sends a text in fragments", async () => {
		const { client, peer } = await kit.pair();
		client.send("ab", { fin: false });
		client.send("cd", { fin: true });
		expect(await message(peer)).toEqual(["abcd", false]);
	});

	test("a message behind a fragmented one is a message of its own", async () => {
		const { client, peer } = await kit.pair();
		const all = events(peer, "message", 2);
		client.send("ab", { fin: false });
		client.send("cd");
		client.send("ef");
		expect((await all).map(([data]) => String(data))).toEqual(["abcd", "ef"]);
	});

	test("a server fragments as a client does", async () => {
		const { client, peer } = await kit.pair();
		peer.send("ab", { fin: false });
		peer.send("cd");
		expect(await message(client)).toEqual(["abcd", false]);
	});

	test("a ping goes between two fragments", async () => {
		const { client, peer } = await kit.pair();
		const order: string[] = [];
		peer.on("ping", () => order.push("ping"));
		peer.on("message", () => order.push("message"));
		client.send("ab", { fin: false });
		client.ping();
		client.send("cd");
		await next(peer, "message");
		expect(order).toEqual(["ping", "message"]);
	});

	test("a Blob is sent as binary", async () => {
		const { client, peer } = await kit.pair();
		client.send(new Blob(["blob"]));
		expect(await message(peer)).toEqual(["blob", true]);
	});

	test("what is sent behind a Blob comes behind it", async () => {
		const { client, peer } = await kit.pair();
		const all = events(peer, "message", 3);
		client.send(new Blob(["a"]));
		client.send("b");
		client.send(new Blob(["c"]));
		expect((await all).map(([data]) => String(data))).toEqual(["a", "b", "c"]);
	});

	test("a Blob's callback is called", async () => {
		const { client } = await kit.pair();
		const error = await new Promise((resolve) => client.send(new Blob(["a"]), (...args) => resolve(args[0] ?? null)));
		expect(error).toBe(null);
	});

	test("a Close behind a Blob comes behind it", async () => {
		const { client, peer } = await kit.pair();
		const came = message(peer);
		const end = closed(peer);
		client.send(new Blob(["a"]));
		client.close(4000);
		expect([await came, await end]).toEqual([
			["a", true],
			[4000, ""],
		]);
	});

	test("binaryType is nodebuffer at first", async () => {
		const { peer } = await kit.pair();
		expect(peer.binaryType).toBe("nodebuffer");
	});

	test("binaryType arraybuffer gives an ArrayBuffer", async () => {
		const { client, peer } = await kit.pair();
		peer.binaryType = "arraybuffer";
		client.send(Buffer.from([1, 2]));
		const [data] = await next(peer, "message");
		expect(data).toBeInstanceOf(ArrayBuffer);
		expect([...new Uint8Array(data as ArrayBuffer)]).toEqual([1, 2]);
	});

	test("binaryType fragments gives a list of Buffers", async () => {
		const { client, peer } = await kit.pair();
		peer.binaryType = "fragments";
		client.send(Buffer.from([1, 2]));
		const [data] = await next(peer, "message");
		expect(data).toEqual([Buffer.from([1, 2])]);
	});

	test("binaryType blob gives a Blob", async () => {
		const { client, peer } = await kit.pair();
		(peer as { binaryType: string }).binaryType = "blob";
		client.send(Buffer.from("ab"));
		const [data] = await next(peer, "message");
		expect(await (data as Blob).text()).toBe("ab");
	});

	test("binaryType does not concern texts", async () => {
		const { client, peer } = await kit.pair();
		peer.binaryType = "arraybuffer";
		client.send("text");
		const [data] = await next(peer, "message");
		expect(Buffer.isBuffer(data)).toBe(true);
	});

	test("a binaryType that is none is ignored", async () => {
		const { peer } = await kit.pair();
		(peer as { binaryType: string }).binaryType = "foo";
		expect(peer.binaryType).toBe("nodebuffer");
	});

	test("pause() keeps messages back, and resume() lets them come", async () => {
		const { client, peer } = await kit.pair();
		const order: string[] = [];
		peer.on("message", () => order.push("message"));
		peer.pause();
		expect(peer.isPaused).toBe(true);
		await new Promise<void>((resolve) => client.send("a", () => resolve()));
		order.push("resumed");
		const came = next(peer, "message");
		peer.resume();
		expect(peer.isPaused).toBe(false);
		await came;
		expect(order).toEqual(["resumed", "message"]);
	});

	test("pause() does nothing while connecting", async () => {
		const server = await kit.serve();
		const client = kit.client(`ws://127.0.0.1:${kit.port(server)}/`);
		client.pause();
		expect(client.isPaused).toBe(false);
		await once(client, "open");
	});

	test("a paused socket sends", async () => {
		const { client, peer } = await kit.pair();
		peer.pause();
		peer.send("a");
		expect(await message(client)).toEqual(["a", false]);
	});

	test("send() throws while connecting", async () => {
		const server = await kit.serve();
		const client = kit.client(`ws://127.0.0.1:${kit.port(server)}/`);
		expect(() => client.send("a")).toThrow("WebSocket is not open: readyState 0 (CONNECTING)");
		await once(client, "open");
	});

	test("send() behind close() calls back with an error", async () => {
		const { client } = await kit.pair();
		client.close();
		const error = await new Promise((resolve) => client.send("a", resolve));
		expect((error as Error).message).toBe("WebSocket is not open: readyState 2 (CLOSING)");
	});

	test("send() behind the end calls back with an error", async () => {
		const { client } = await kit.pair();
		client.close();
		await closed(client);
		const error = await new Promise((resolve) => client.send("a", resolve));
		expect((error as Error).message).toBe("WebSocket is not open: readyState 3 (CLOSED)");
	});

	test("send() behind the end without a callback does not throw", async () => {
		const { client } = await kit.pair();
		client.close();
		await closed(client);
		client.send("a");
		expect(client.readyState).toBe(3);
	});

	test("what was sent behind the end counts as waiting", async () => {
		const { client } = await kit.pair();
		client.terminate();
		await closed(client);
		const before = client.bufferedAmount;
		client.send("é");
		client.send(Buffer.alloc(3));
		expect(client.bufferedAmount - before).toBe(5);
	});

	test("a message that comes with the handshake's end is not lost", async () => {
		const server = await kit.serve();
		server.on("connection", (peer) => peer.send("first"));
		const client = kit.client(`ws://127.0.0.1:${kit.port(server)}/`);
		expect(await message(client)).toEqual(["first", false]);
	});

	test("allowSynchronousEvents: false gives all messages", async () => {
		const { client, peer } = await kit.pair({ allowSynchronousEvents: false });
		const all = events(peer, "message", 3);
		for (const text of ["a", "b", "c"]) client.send(text);
		expect((await all).map(([data]) => String(data))).toEqual(["a", "b", "c"]);
	});

	test("allowSynchronousEvents: false lets promises run between two messages", async () => {
		const { client, peer } = await kit.pair({ allowSynchronousEvents: false });
		const order: string[] = [];
		const done = new Promise<void>((resolve) => {
			peer.on("message", (data) => {
				order.push(String(data));
				Promise.resolve().then(() => {
					order.push(`behind ${data}`);
					if (order.length === 4) resolve();
				});
			});
		});
		client.send("a");
		client.send("b");
		await done;
		expect(order).toEqual(["a", "behind a", "b", "behind b"]);
	});

	test("terminate() behind send() still lets a small message out", async () => {
		const { client, peer } = await kit.pair();
		const came = message(client);
		peer.send("last");
		peer.terminate();
		expect(await came).toEqual(["last", false]);
	});

	test("a Blob that is read when the connection is cut off is told so", async () => {
		const { client } = await kit.pair();
		const error = new Promise<Error>((resolve) => client.send(new Blob(["a"]), (...args) => resolve(args[0] as Error)));
		client.terminate();
		expect((await error).message).toBe("The socket was closed while the blob was being read");
	});

	test("so is what waits behind it", async () => {
		const { client } = await kit.pair();
		client.send(new Blob(["a"]));
		const error = new Promise<Error>((resolve) => client.send("b", (...args) => resolve(args[0] as Error)));
		client.terminate();
		expect((await error).message).toBe("The socket was closed while the blob was being read");
	});
}
