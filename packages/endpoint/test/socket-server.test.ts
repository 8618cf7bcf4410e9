import { expect, test } from "vitest";
import { accept } from "../src/accept.ts";
import { MemoryNetwork, settle } from "../src/memory/index.ts";

test("a handler reaches its server by its socket, from `open` on", async () => {
	const network = new MemoryNetwork();
	const reached: unknown[] = [];
	const server = await network.serve<string>(80, {
		upgrade: () => accept({ data: "news" }),
		open(socket) {
			reached.push(socket.server);
			socket.subscribe(socket.data);
		},
		message: (socket, message) => socket.server.publish(socket.data, message),
	});
	const [speaker, listener] = [await network.connect("ws://m/"), await network.connect("ws://m/")];
	speaker.send("to all");
	for await (const message of listener) {
		expect(message).toBe("to all");
		break;
	}
	expect(reached).toEqual([server, server]);
	await server.close();
});

test("a client's socket has no server and no topics, and says so", async () => {
	const network = new MemoryNetwork();
	const server = await network.serve(80, {});
	const socket = await network.connect("ws://m/");
	const noServer = expect.objectContaining({ name: "UsageError", code: "ERR_NO_SERVER" });
	expect(() => socket.server).toThrow(noServer);
	expect(() => socket.subscribe("news")).toThrow(noServer);
	expect(() => socket.unsubscribe("news")).toThrow(noServer);
	expect(socket.readyState).toBe("open");
	await server.close();
});

test("a client's socket has the data that `connect` was given", async () => {
	const network = new MemoryNetwork();
	const seen: unknown[] = [];
	const server = await network.serve(80, { open: (socket) => socket.send("hello") });
	const socket = await network.connect("ws://m/", {
		data: { name: "Ada" },
		message: ({ data }, message) => seen.push(data.name, message),
	});
	expect(socket.data).toEqual({ name: "Ada" });
	await settle();
	expect(seen).toEqual(["Ada", "hello"]);
	await server.close();
});
