import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "@barewire/transport-node";
import { describe, expect, test } from "vitest";
import { type ClientPeer, clientRows } from "./client-rows.ts";
import { serveEcho } from "./echo-server.ts";

async function openOurs(url: string, protocols: readonly string[], path?: string): Promise<ClientPeer> {
	const socket = await connect(url, { protocols, ...(path === undefined ? null : { path }) });
	const messages = socket[Symbol.asyncIterator]();
	return {
		send: (message) => void socket.send(message),
		async next() {
			const { value } = await messages.next();
			if (value === undefined) throw new Error("the socket has closed");
			return value;
		},
		close: (code, reason) => socket.close(code, reason),
		closed: socket.closed,
	};
}

describe("our client against our server", () => {
	clientRows(async (url, protocols) => {
		const peer = await openOurs(url, protocols);
		return { ...peer, closed: peer.closed.then(({ code, reason }) => ({ code, reason })) };
	});

	test("over a Unix domain socket", async () => {
		const folder = mkdtempSync(join(tmpdir(), "barewire-"));
		const path = join(folder, "echo.sock");
		const echo = await serveEcho({ path });
		try {
			expect(echo.server.address).toEqual({ transport: "unix", path });
			const client = await openOurs("ws://localhost/", [], path);
			const socket = await echo.opened.next();
			client.send("over a path");
			expect(await client.next()).toBe("over a path");
			expect(socket.local).toEqual({ transport: "unix", path });
			client.close(1000);
			expect(await socket.closed).toMatchObject({ code: 1000, wasClean: true });
		} finally {
			await echo.close();
			rmSync(folder, { recursive: true });
		}
	});

	test("the five-tuple of one end is that of the other, turned round", async () => {
		const echo = await serveEcho();
		const client = await connect(echo.url);
		const socket = await echo.opened.next();
		expect([client.local, client.remote]).toEqual([socket.remote, socket.local]);
		expect(socket.local).toEqual(echo.server.address);
		client.close(1000);
		await socket.closed;
		await echo.close();
	});
});
