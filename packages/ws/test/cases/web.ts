import { once } from "node:events";
import { expect, test } from "vitest";
import { closed, type Kit, next } from "../kit.ts";

export function webCases(kit: Kit): void {
	test("onmessage gets a MessageEvent with a string", async () => {
		const { client, peer } = await kit.pair();
		const event = new Promise<{ data: unknown; type: string; target: unknown }>((resolve) => {
			peer.onmessage = resolve;
		});
		client.send("a");
		const { data, type, target } = await event;
		expect([data, type, target === peer]).toEqual(["a", "message", true]);
	});

	test("onmessage gets binary data as a Buffer", async () => {
		const { client, peer } = await kit.pair();
		const data = new Promise((resolve) => {
			peer.onmessage = (event) => resolve(event.data);
		});
		client.send(Buffer.from([1]));
		expect(await data).toEqual(Buffer.from([1]));
	});

	test("onopen is called", async () => {
		const server = await kit.serve();
		const client = kit.client(`ws://127.0.0.1:${kit.port(server)}/`);
		const event = await new Promise<{ type: string; target: unknown }>((resolve) => {
			client.onopen = resolve;
		});
		expect([event.type, event.target === client]).toEqual(["open", true]);
	});

	test("onclose gets code, reason and wasClean", async () => {
		const { client } = await kit.pair();
		const event = new Promise<{ code: number; reason: string; wasClean: boolean; type: string }>((resolve) => {
			client.onclose = resolve;
		});
		client.close(4000, "bye");
		const { code, reason, wasClean, type } = await event;
		expect([code, reason, wasClean, type]).toEqual([4000, "bye", true, "close"]);
	});

	test("wasClean is false for a connection that was cut", async () => {
		const { client, peer } = await kit.pair();
		const event = new Promise<{ code: number; wasClean: boolean }>((resolve) => {
			client.onclose = resolve;
		});
		peer.terminate();
		const { code, wasClean } = await event;
		expect([code, wasClean]).toEqual([1006, false]);
	});

	test("onerror gets the error and its message", async () => {
		const server = await kit.serve();
		const client = kit.client(`ws://127.0.0.1:${kit.port(server)}/`);
		const event = new Promise<{ error: Error; message: string; type: string }>((resolve) => {
			client.onerror = resolve;
		});
		client.close();
		const { error, message, type } = await event;
		expect([error instanceof Error, message, type]).toEqual([
			true,
			"WebSocket was closed before the connection was established",
			"error",
		]);
	});

	test("on… gives the listener back", async () => {
		const { client } = await kit.pair();
		const listener = (): void => {};
		client.onmessage = listener;
		expect(client.onmessage).toBe(listener);
	});

	test("on… is null at first", async () => {
		const { client } = await kit.pair();
		expect([client.onopen, client.onmessage, client.onclose, client.onerror]).toEqual([null, null, null, null]);
	});

	test("a second on… takes the place of the first", async () => {
		const { client, peer } = await kit.pair();
		const order: string[] = [];
		peer.onmessage = () => order.push("first");
		peer.onmessage = () => order.push("second");
		client.send("a");
		await next(peer, "message");
		expect([order, peer.listenerCount("message")]).toEqual([["second"], 1]);
	});

	test("on… = null takes the listener away", async () => {
		const { peer } = await kit.pair();
		peer.onmessage = () => {};
		peer.onmessage = null;
		expect([peer.onmessage, peer.listenerCount("message")]).toEqual([null, 0]);
	});

	test("on… leaves listeners of on() alone", async () => {
		const { peer } = await kit.pair();
		peer.on("message", () => {});
		peer.onmessage = () => {};
		peer.onmessage = null;
		expect(peer.listenerCount("message")).toBe(1);
	});

	test("addEventListener adds a listener", async () => {
		const { client, peer } = await kit.pair();
		const data = new Promise((resolve) => peer.addEventListener("message", (event) => resolve(event.data)));
		client.send("a");
		expect(await data).toBe("a");
	});

	test("addEventListener with once is called once", async () => {
		const { client, peer } = await kit.pair();
		let count = 0;
		peer.addEventListener("message", () => count++, { once: true });
		client.send("a");
		client.send("b");
		client.close();
		await closed(peer);
		expect(count).toBe(1);
	});

	test("addEventListener takes an object with handleEvent, which is `this`", async () => {
		const { client, peer } = await kit.pair();
		const told = new Promise((resolve) => {
			const listener = {
				handleEvent(this: unknown, event: { data: unknown }): void {
					resolve([event.data, this === listener]);
				},
			};
			peer.addEventListener("message", listener as never);
		});
		client.send("a");
		expect(await told).toEqual(["a", true]);
	});

	test("a function's `this` is the socket", async () => {
		const { client, peer } = await kit.pair();
		const told = new Promise((resolve) =>
			peer.addEventListener("message", function (this: unknown) {
				resolve(this === peer);
			}),
		);
		client.send("a");
		expect(await told).toBe(true);
	});

	test("a listener that is added twice is there once", async () => {
		const { peer } = await kit.pair();
		const listener = (): void => {};
		peer.addEventListener("message", listener);
		peer.addEventListener("message", listener);
		expect(peer.listenerCount("message")).toBe(1);
	});

	test("removeEventListener takes a listener away", async () => {
		const { peer } = await kit.pair();
		const listener = (): void => {};
		peer.addEventListener("message", listener);
		peer.removeEventListener("message", listener);
		expect(peer.listenerCount("message")).toBe(0);
	});

	test("removeEventListener takes an object with handleEvent away", async () => {
		const { peer } = await kit.pair();
		const listener = { handleEvent(): void {} };
		peer.addEventListener("message", listener);
		peer.removeEventListener("message", listener);
		expect(peer.listenerCount("message")).toBe(0);
	});

	test("removeEventListener leaves on… alone", async () => {
		const { peer } = await kit.pair();
		const listener = (): void => {};
		peer.onmessage = listener;
		peer.removeEventListener("message", listener);
		expect(peer.onmessage).toBe(listener);
	});

	test("addEventListener of a type that ws does not have adds nothing", async () => {
		const { peer } = await kit.pair();
		peer.addEventListener("ping" as never, () => {});
		expect(peer.listenerCount("ping")).toBe(0);
	});

	test("listeners of on() and of addEventListener are called in their order", async () => {
		const { client, peer } = await kit.pair();
		const order: string[] = [];
		peer.on("message", () => order.push("on"));
		peer.addEventListener("message", () => order.push("addEventListener"));
		peer.onmessage = () => order.push("onmessage");
		client.send("a");
		await next(peer, "message");
		expect(order).toEqual(["on", "addEventListener", "onmessage"]);
	});

	test("url is the client's address, and undefined on the server", async () => {
		const { server, client, peer } = await kit.pair();
		expect([client.url, peer.url]).toEqual([`ws://127.0.0.1:${kit.port(server)}/`, undefined]);
	});

	test("protocol is empty where none was agreed on", async () => {
		const { client, peer } = await kit.pair();
		expect([client.protocol, peer.protocol]).toEqual(["", ""]);
	});

	test("extensions is empty where none was agreed on", async () => {
		const { client, peer } = await kit.pair({}, { perMessageDeflate: false });
		expect([client.extensions, peer.extensions]).toEqual(["", ""]);
	});

	test("readyState goes from CONNECTING to OPEN", async () => {
		const server = await kit.serve();
		const client = kit.client(`ws://127.0.0.1:${kit.port(server)}/`);
		const states = [client.readyState];
		await once(client, "open");
		states.push(client.readyState);
		expect(states).toEqual([0, 1]);
	});

	test("binaryType arraybuffer gives onmessage an ArrayBuffer", async () => {
		const { client, peer } = await kit.pair();
		peer.binaryType = "arraybuffer";
		const data = new Promise((resolve) => {
			peer.onmessage = (event) => resolve(event.data);
		});
		client.send(Buffer.from([1]));
		expect(await data).toBeInstanceOf(ArrayBuffer);
	});
}
