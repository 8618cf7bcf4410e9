import { once } from "node:events";
import { expect, test } from "vitest";
import { closed, type Kit, masked, next } from "../kit.ts";

export function controlCases(kit: Kit): void {
	test("a ping is told with its data, as a Buffer", async () => {
		const { client, peer } = await kit.pair();
		client.ping("hi");
		const [data] = await next(peer, "ping");
		expect(data).toEqual(Buffer.from("hi"));
	});

	test("a ping is answered with its data", async () => {
		const { client } = await kit.pair();
		client.ping("hi");
		const [data] = await next(client, "pong");
		expect(data).toEqual(Buffer.from("hi"));
	});

	test("a server pings", async () => {
		const { client, peer } = await kit.pair();
		peer.ping(Buffer.from([1]));
		expect((await next(client, "ping"))[0]).toEqual(Buffer.from([1]));
	});

	test("a ping without data is empty", async () => {
		const { client, peer } = await kit.pair();
		client.ping();
		expect((await next(peer, "ping"))[0]).toEqual(Buffer.alloc(0));
	});

	test("a ping's number is sent as text", async () => {
		const { client, peer } = await kit.pair();
		client.ping(7);
		expect(String((await next(peer, "ping"))[0])).toBe("7");
	});

	test("an unsolicited pong is told", async () => {
		const { client, peer } = await kit.pair();
		client.pong("x");
		expect(String((await next(peer, "pong"))[0])).toBe("x");
	});

	test("ping's callback may be its only argument", async () => {
		const { client } = await kit.pair();
		const error = await new Promise((resolve) =>
			client.ping(((...args: unknown[]) => resolve(args[0] ?? null)) as never),
		);
		expect(error).toBe(null);
	});

	test("ping's callback may be its second argument", async () => {
		const { client } = await kit.pair();
		const error = await new Promise((resolve) =>
			client.ping("a", ((...args: unknown[]) => resolve(args[0] ?? null)) as never),
		);
		expect(error).toBe(null);
	});

	test("ping's callback may be its third argument", async () => {
		const { client } = await kit.pair();
		const error = await new Promise((resolve) =>
			client.ping("a", true, (...args: unknown[]) => resolve(args[0] ?? null)),
		);
		expect(error).toBe(null);
	});

	test("pong's callback is called", async () => {
		const { client } = await kit.pair();
		const error = await new Promise((resolve) =>
			client.pong("a", true, (...args: unknown[]) => resolve(args[0] ?? null)),
		);
		expect(error).toBe(null);
	});

	test("a ping of 126 bytes throws a RangeError", async () => {
		const { client } = await kit.pair();
		expect(() => client.ping(Buffer.alloc(126))).toThrow("The data size must not be greater than 125 bytes");
	});

	test("a pong of 126 bytes throws a RangeError", async () => {
		const { client } = await kit.pair();
		expect(() => client.pong(Buffer.alloc(126))).toThrow(RangeError);
	});

	test("a ping of 125 bytes is sent", async () => {
		const { client, peer } = await kit.pair();
		client.ping(Buffer.alloc(125, 1));
		expect((await next(peer, "ping"))[0]).toEqual(Buffer.alloc(125, 1));
	});

	test("ping() throws while connecting", async () => {
		const server = await kit.serve();
		const client = kit.client(`ws://127.0.0.1:${kit.port(server)}/`);
		expect(() => client.ping()).toThrow("WebSocket is not open: readyState 0 (CONNECTING)");
		await once(client, "open");
	});

	test("pong() throws while connecting", async () => {
		const server = await kit.serve();
		const client = kit.client(`ws://127.0.0.1:${kit.port(server)}/`);
		expect(() => client.pong()).toThrow("WebSocket is not open: readyState 0 (CONNECTING)");
		await once(client, "open");
	});

	test("ping() behind the end calls back with an error", async () => {
		const { client } = await kit.pair();
		client.terminate();
		await closed(client);
		const error = await new Promise((resolve) => client.ping("a", true, resolve));
		expect((error as Error).message).toBe("WebSocket is not open: readyState 3 (CLOSED)");
	});

	test("pong() behind the end calls back with an error", async () => {
		const { client } = await kit.pair();
		client.terminate();
		await closed(client);
		const error = await new Promise((resolve) => client.pong("a", true, resolve));
		expect((error as Error).message).toBe("WebSocket is not open: readyState 3 (CLOSED)");
	});

	test("autoPong: false leaves a server's pings unanswered", async () => {
		const { raw } = await kit.rawClient({ autoPong: false });
		raw.socket.write(masked(0x89, "a"));
		raw.socket.write(masked(0x88));
		expect(await raw.ended()).toBe("\x88\x00");
	});

	test("autoPong: false leaves a client's pings unanswered", async () => {
		const { client, peer } = await kit.pair({}, { autoPong: false });
		const order: string[] = [];
		peer.on("pong", () => order.push("pong"));
		client.on("ping", () => client.pong("by hand"));
		peer.ping("auto");
		const [data] = await next(peer, "pong");
		expect([String(data), order]).toEqual(["by hand", ["pong"]]);
	});

	test("the answer to a ping is on the wire before the listener's message", async () => {
		const { raw, peer } = await kit.rawClient();
		peer.on("ping", () => peer.send("x"));
		raw.socket.write(masked(0x89, "a"));
		expect(await raw.take(6)).toBe("8a0161" + "810178");
	});
}
