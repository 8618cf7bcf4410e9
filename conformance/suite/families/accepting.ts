import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import process from "node:process";
import { portOf, RawClient } from "../../raw-client.ts";
import { type Case, family } from "../case.ts";
import { text } from "../http-case.ts";
import { ok, request, withoutDates } from "../http-text.ts";
import type { Runtime } from "../runtime.ts";

const EVALUATE: Readonly<Record<Runtime["name"], readonly string[]>> = {
	node: ["--input-type=module", "-e"],
	deno: ["eval"],
	bun: ["-e"],
};

/** A process that connects again and again, and resets each connection. This one stands still meanwhile, and accepts none. */
function connectAndReset({ name }: Runtime, port: number, times: number): void {
	const program = `
		import { connect } from "node:net";
		for (let i = 0; i < ${times}; i++) await new Promise((resolve) => {
			const socket = connect(${port}, "127.0.0.1", () => socket.once("close", resolve).resetAndDestroy());
		});`;
	const { status, stderr } = spawnSync(process.execPath, [...EVALUATE[name], program], { encoding: "utf8" });
	assert.equal(status, 0, stderr);
}

export const accepting: readonly Case[] = family("accepting", "server", {
	async "clients that were reset before they are accepted hold nobody up"(runtime) {
		const errors: unknown[] = [];
		const server = await runtime.serve({
			port: 0,
			fetch: () => text("served"),
			error: (error) => void errors.push(error),
		});
		const port = portOf(server);
		connectAndReset(runtime, port, 5);
		const { setTimeout } = globalThis;
		// No time passes: whoever waits for some waits for ever.
		globalThis.setTimeout = (() => 0) as unknown as typeof setTimeout;
		try {
			const client = await RawClient.open(port);
			client.write(request("GET / HTTP/1.1"));
			await client.until(/served$/);
			assert.equal(withoutDates(client.text), ok("served"));
			await client.close();
		} finally {
			globalThis.setTimeout = setTimeout;
		}
		await server.close();
		assert.deepEqual(errors, []);
	},
});
