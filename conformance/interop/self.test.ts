import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "@barewire/transport-node";
import { describe, expect, test } from "vitest";
import { serveEcho } from "./echo-server.ts";

describe("our client against our server", () => {
	test("over a Unix domain socket", async () => {
		const folder = mkdtempSync(join(tmpdir(), "barewire-"));
		const path = join(folder, "echo.sock");
		const echo = await serveEcho({ path });
		try {
			expect(echo.server.address).toEqual({ transport: "unix", path });
			const client = await connect("ws://localhost/", { path });
			const socket = await echo.opened.next();
			client.send("over a path");
			expect(await client[Symbol.asyncIterator]().next()).toEqual({ done: false, value: "over a path" });
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
