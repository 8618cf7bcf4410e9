import { createServer } from "node:net";
import { expect, test } from "vitest";
import { BareHandshake } from "../peers/bare-handshake.ts";
import { Openings } from "./openings.ts";
import { withWsServer } from "./ws-server.ts";

test("connections are opened and closed", async () => {
	const codes: Promise<number>[] = [];
	const opened = await withWsServer(
		(socket) => codes.push(new Promise((resolve) => socket.on("close", resolve))),
		(port) => new Openings(port, 3).run({ milliseconds: 0 }),
	);
	expect(opened).toBe(3);
	expect(await Promise.all(codes)).toEqual([1000, 1000, 1000]);
});

test("a server that says no goodbye is noticed", async () => {
	const server = createServer((socket) => {
		const handshake = new BareHandshake();
		socket.on("error", () => {});
		socket.once("data", (chunk: Buffer) => {
			socket.write(handshake.receive(chunk)!.response);
			socket.once("data", () => socket.end());
		});
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const address = server.address();
	const port = typeof address === "object" && address !== null ? address.port : 0;
	try {
		await expect(new Openings(port, 1).run({ milliseconds: 0 })).rejects.toThrow("answered a Close frame by nothing");
	} finally {
		server.close();
	}
});
