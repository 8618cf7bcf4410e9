import { once } from "node:events";
import { createServer } from "node:http";
import { expect, test } from "vitest";
import { acceptOf, closed, type Kit, masked, next } from "../kit.ts";

export function closingCases(kit: Kit): void {
	test("the peer is told code and reason", async () => {
		const { client, peer } = await kit.pair();
		client.close(4321, "done");
		expect(await closed(peer)).toEqual([4321, "done"]);
	});

	test("whoever closes is told its own code and reason", async () => {
		const { client } = await kit.pair();
		client.close(4321, "done");
		expect(await closed(client)).toEqual([4321, "done"]);
	});

	test("a server closes", async () => {
		const { client, peer } = await kit.pair();
		const both = Promise.all([closed(client), closed(peer)]);
		peer.close(1001, "away");
		expect(await both).toEqual([
			[1001, "away"],
			[1001, "away"],
		]);
	});

	test("without a code both are told 1005", async () => {
		const { client, peer } = await kit.pair();
		const both = Promise.all([closed(client), closed(peer)]);
		client.close();
		expect(await both).toEqual([
			[1005, ""],
			[1005, ""],
		]);
	});

	test("the reason is a Buffer", async () => {
		const { client, peer } = await kit.pair();
		client.close(1000, "a");
		const [, reason] = await next(peer, "close");
		expect(Buffer.isBuffer(reason)).toBe(true);
	});

	test("a reason may be given as a Buffer", async () => {
		const { client, peer } = await kit.pair();
		client.close(1000, Buffer.from("é"));
		expect(await closed(peer)).toEqual([1000, "é"]);
	});

	test("a code that is no number throws a TypeError", async () => {
		const { client } = await kit.pair();
		expect(() => client.close("1000" as never)).toThrow("First argument must be a valid error code number");
	});

	test("the code 1004 throws a TypeError", async () => {
		const { client } = await kit.pair();
		expect(() => client.close(1004)).toThrow(TypeError);
	});

	test("the code 1006 throws a TypeError", async () => {
		const { client } = await kit.pair();
		expect(() => client.close(1006)).toThrow(TypeError);
	});

	test("the code 999 throws a TypeError", async () => {
		const { client } = await kit.pair();
		expect(() => client.close(999)).toThrow(TypeError);
	});

	test("the code 5000 throws a TypeError", async () => {
		const { client } = await kit.pair();
		expect(() => client.close(5000)).toThrow(TypeError);
	});

	test("the code 3000 is sent", async () => {
		const { client, peer } = await kit.pair();
		client.close(3000);
		expect(await closed(peer)).toEqual([3000, ""]);
	});

	test("a reason of 124 bytes throws a RangeError", async () => {
		const { client } = await kit.pair();
		expect(() => client.close(1000, "x".repeat(124))).toThrow("The message must not be greater than 123 bytes");
	});

	test("a reason of 123 bytes is sent", async () => {
		const { client, peer } = await kit.pair();
		client.close(1000, "x".repeat(123));
		expect(await closed(peer)).toEqual([1000, "x".repeat(123)]);
	});

	test("close() makes the socket CLOSING at once, and CLOSED with its event", async () => {
		const { client } = await kit.pair();
		client.close();
		const states = [client.readyState];
		await closed(client);
		states.push(client.readyState);
		expect(states).toEqual([2, 3]);
	});

	test("a second close() does nothing", async () => {
		const { client, peer } = await kit.pair();
		client.close(4000);
		client.close(4001);
		expect(await closed(peer)).toEqual([4000, ""]);
	});

	test("close() behind the end does nothing", async () => {
		const { client } = await kit.pair();
		client.close();
		await closed(client);
		client.close(1000);
		expect(client.readyState).toBe(3);
	});

	test("messages before close() arrive before the end", async () => {
		const { client, peer } = await kit.pair();
		const order: string[] = [];
		peer.on("message", (data) => order.push(String(data)));
		client.send("a");
		client.send("b");
		client.close();
		await closed(peer);
		expect(order).toEqual(["a", "b"]);
	});

	test("messages that the peer sends before it sees the Close are still given", async () => {
		const { client, peer } = await kit.pair();
		const order: string[] = [];
		client.on("message", (data) => order.push(String(data)));
		peer.send("late");
		client.close();
		await closed(client);
		expect(order).toEqual(["late"]);
	});

	test("close() while connecting fails with an error, and 1006", async () => {
		const server = await kit.serve();
		const client = kit.client(`ws://127.0.0.1:${kit.port(server)}/`);
		const order: unknown[] = [];
		client.on("error", (error) => order.push(error.message));
		client.on("close", (code) => order.push(code));
		client.close();
		expect(client.readyState).toBe(2);
		await closed(client);
		expect(order).toEqual(["WebSocket was closed before the connection was established", 1006]);
	});

	test("terminate() while connecting fails with an error, and 1006", async () => {
		const server = await kit.serve();
		const client = kit.client(`ws://127.0.0.1:${kit.port(server)}/`);
		const order: unknown[] = [];
		client.on("error", (error) => order.push(error.message));
		client.on("close", (code) => order.push(code));
		client.terminate();
		await closed(client);
		expect(order).toEqual(["WebSocket was closed before the connection was established", 1006]);
	});

	test("terminate() ends both with 1006", async () => {
		const { client, peer } = await kit.pair();
		const both = Promise.all([closed(client), closed(peer)]);
		client.terminate();
		expect(await both).toEqual([
			[1006, ""],
			[1006, ""],
		]);
	});

	test("terminate() makes the socket CLOSING, and CLOSED with its event", async () => {
		const { peer } = await kit.pair();
		peer.terminate();
		const states = [peer.readyState];
		await closed(peer);
		states.push(peer.readyState);
		expect(states).toEqual([2, 3]);
	});

	test("terminate() behind close() cuts the closing handshake off", async () => {
		const { client } = await kit.pair();
		client.close();
		client.terminate();
		expect((await closed(client))[0]).toBe(1006);
	});

	test("terminate() behind the end does nothing", async () => {
		const { client } = await kit.pair();
		client.terminate();
		await closed(client);
		client.terminate();
		expect(client.readyState).toBe(3);
	});

	test("terminate() within the listener of a message keeps further messages back", async () => {
		const { client, peer } = await kit.pair();
		peer.once("message", () => peer.terminate());
		client.send("a");
		expect((await closed(peer))[0]).toBe(1006);
	});

	test("close is told once", async () => {
		const { client } = await kit.pair();
		const codes: number[] = [];
		client.on("close", (code) => codes.push(code));
		client.close(4000);
		await closed(client);
		client.terminate();
		await new Promise((resolve) => setImmediate(resolve));
		expect(codes).toEqual([4000]);
	});

	test("a peer that resets ends the connection with 1006 and without an error", async () => {
		const { raw, peer } = await kit.rawClient();
		const errors: unknown[] = [];
		peer.on("error", (error) => errors.push(error));
		raw.socket.resetAndDestroy();
		expect([await closed(peer), errors]).toEqual([[1006, ""], []]);
	});

	test("a peer that ends without a Close gives 1006", async () => {
		const { raw, peer } = await kit.rawClient();
		raw.socket.end();
		expect(await closed(peer)).toEqual([1006, ""]);
	});

	test("the socket of such a peer is CLOSING, and what is sent then calls back with an error", async () => {
		const { raw, peer } = await kit.rawClient();
		raw.socket.end();
		await next((peer as unknown as { _socket: never })._socket, "end");
		expect(peer.readyState).toBe(2);
		const error = await new Promise((resolve) => peer.send("a", resolve));
		expect(error).toBeInstanceOf(Error);
	});

	test("the server ends the stream behind the client's Close", async () => {
		const { raw } = await kit.rawClient();
		raw.socket.write(masked(0x88, Buffer.from([0x03, 0xe8])));
		expect(await raw.ended()).toBe("\x88\x02\x03\xe8");
	});

	test("the answer to a Close has its code and its reason", async () => {
		const { raw } = await kit.rawClient();
		raw.socket.write(masked(0x88, Buffer.from("\x0f\xa0bye", "latin1")));
		expect(await raw.ended()).toBe("\x88\x05\x0f\xa0bye");
	});

	test("an empty Close is answered by an empty one", async () => {
		const { raw } = await kit.rawClient();
		raw.socket.write(masked(0x88));
		expect(await raw.ended()).toBe("\x88\x00");
	});

	test("messages behind the peer's Close are not given", async () => {
		const { raw, peer } = await kit.rawClient();
		const messages: unknown[] = [];
		peer.on("message", (data) => messages.push(data));
		raw.socket.write(Buffer.concat([masked(0x88), masked(0x81, "late")]));
		await closed(peer);
		expect(messages).toEqual([]);
	});

	test("a peer that never answers the Close is cut after closeTimeout", async () => {
		const { peer } = await kit.rawClient({ closeTimeout: 60 } as object);
		peer.close(1000);
		expect(await closed(peer)).toEqual([1006, ""]);
	});

	test("a client's closeTimeout is kept too", async () => {
		const http = createServer();
		http.on("upgrade", async (request, socket) => {
			const accept = await acceptOf(`sec-websocket-key: ${request.headers["sec-websocket-key"]}\r\n`);
			socket.on("error", () => {});
			kit.endsWith(() => socket.destroy());
			const fields = ["Upgrade: websocket", "Connection: Upgrade", `Sec-WebSocket-Accept: ${accept}`];
			socket.write(["HTTP/1.1 101 Switching Protocols", ...fields, "", ""].join("\r\n"));
		});
		http.listen(0, "127.0.0.1");
		await once(http, "listening");
		kit.endsWith(() => http.close());
		const client = kit.client(`ws://127.0.0.1:${kit.port(http)}/`, { closeTimeout: 60 } as object);
		await once(client, "open");
		client.close(1000);
		expect(await closed(client)).toEqual([1006, ""]);
	});

	test("the callback of what never left is called with an error", async () => {
		const { client, peer } = await kit.pair();
		(client as unknown as { _socket: { pause(): void } })._socket.pause();
		const error = new Promise((resolve) => peer.send(Buffer.alloc(30 * 2 ** 20), (...args) => resolve(args[0])));
		await new Promise((resolve) => setImmediate(resolve));
		peer.terminate();
		expect(await error).toBeInstanceOf(Error);
	});

	test("both may close at once", async () => {
		const { client, peer } = await kit.pair();
		const both = Promise.all([closed(client), closed(peer)]);
		client.close(4001);
		peer.close(4002);
		expect((await both).map(([code]) => code)).toEqual([4002, 4001]);
	});

	test("a Close that comes while paused is told behind resume()", async () => {
		const { client, peer } = await kit.pair();
		const order: string[] = [];
		peer.on("close", () => order.push("close"));
		peer.pause();
		client.close(4000);
		await new Promise((resolve) => setImmediate(resolve));
		order.push("resume");
		const end = closed(peer);
		peer.resume();
		expect([await end, order]).toEqual([
			[4000, ""],
			["resume", "close"],
		]);
	});

	test("a reason that is neither text nor bytes throws a TypeError", async () => {
		const { client } = await kit.pair();
		expect(() => client.close(1000, new Uint16Array([1]) as never)).toThrow(
			new TypeError("Second argument must be a string or a Uint8Array"),
		);
		expect(client.readyState).toBe(1);
	});

	test("a reason without a length is none", async () => {
		const { client, peer } = await kit.pair();
		const end = closed(peer);
		client.close(1000, {} as never);
		expect(await end).toEqual([1000, ""]);
	});
}
