import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Kit } from "../kit.ts";

/** How a process ended in which a program had run. */
interface Ran {
	readonly code: number;
	readonly printed: string;
	readonly errors: string;
}

/** Runs a program that has the library as `WebSocket`. It is to end by itself. */
async function run(kit: Kit, program: string): Promise<Ran> {
	const source = `
		import { createRequire } from "node:module";
		import { connect } from "node:net";
		const WebSocket = createRequire(process.cwd() + "/x.js")(${JSON.stringify(kit.required)});
		const server = new WebSocket.Server({ port: 0, host: "127.0.0.1" });
		const started = new Promise((resolve) => server.once("listening", () => resolve("ws://127.0.0.1:" + server.address().port)));
		${program}`;
	const child = spawn(process.execPath, ["--conditions=source", "--input-type=module", "--eval", source], {
		cwd: join(import.meta.dirname, "../.."),
		stdio: ["ignore", "pipe", "pipe"],
	});
	kit.endsWith(() => child.kill());
	let printed = "";
	let errors = "";
	child.stdout.on("data", (chunk) => {
		printed += chunk;
	});
	child.stderr.on("data", (chunk) => {
		errors += chunk;
	});
	const [code] = (await once(child, "close")) as [number];
	return { code, printed, errors };
}

export function processCases(kit: Kit): void {
	test("an error of a server's socket that nobody listens for ends the process with its message", async () => {
		const { code, errors } = await run(
			kit,
			`const url = new URL(await started);
			const raw = connect(url.port, url.hostname);
			raw.write("GET / HTTP/1.1\\r\\nHost: a\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\\r\\nSec-WebSocket-Version: 13\\r\\n\\r\\n");
			server.on("connection", () => raw.write(Buffer.from([0x81, 0x01, 0x61])));`,
		);
		expect([code, errors.includes("Invalid WebSocket frame: MASK must be set")]).toEqual([1, true]);
	});

	test("an error of a client that nobody listens for ends the process with its message", async () => {
		const { code, errors } = await run(
			kit,
			`await started;
			server.close();
			new WebSocket("ws://127.0.0.1:1");`,
		);
		expect([code, errors.includes("ECONNREFUSED")]).toEqual([1, true]);
	});

	test("what a listener throws ends the process with its message", async () => {
		const { code, errors } = await run(
			kit,
			`server.on("connection", (socket) => socket.on("message", () => { throw new Error("by the listener"); }));
			const client = new WebSocket(await started);
			client.on("open", () => client.send("a"));`,
		);
		expect([code, errors.includes("by the listener")]).toEqual([1, true]);
	});

	test("an uncaughtException listener gets it", async () => {
		const { code, printed } = await run(
			kit,
			`process.on("uncaughtException", (error) => { console.log(error.message); process.exit(); });
			server.on("connection", (socket) => socket.on("message", () => { throw new Error("by the listener"); }));
			const client = new WebSocket(await started);
			client.on("open", () => client.send("a"));`,
		);
		expect([code, printed]).toEqual([0, "by the listener\n"]);
	});

	test("a process whose connections and server have ended, ends", async () => {
		const { code, printed } = await run(
			kit,
			`const client = new WebSocket(await started);
			client.on("open", () => client.close());
			client.on("close", () => server.close(() => console.log("closed")));`,
		);
		expect([code, printed]).toEqual([0, "closed\n"]);
	});

	test("_socket.unref() lets the process end", async () => {
		const { code, printed } = await run(
			kit,
			`const client = new WebSocket(await started);
			server.on("connection", (socket) => socket._socket.unref());
			client.on("open", () => {
				client._socket.unref();
				server._server.unref();
				process.on("exit", () => console.log("ended"));
			});`,
		);
		expect([code, printed]).toEqual([0, "ended\n"]);
	});

	test("a message that was called back is out when the process exits", async () => {
		const { code, printed } = await run(
			kit,
			`const { spawn } = await import("node:child_process");
			const url = await started;
			server.on("connection", (socket) => {
				socket.on("message", (data) => console.log(String(data)));
				socket.on("close", () => server.close());
			});
			const program = ${JSON.stringify(`
				const WebSocket = require(process.argv[1]);
				const client = new WebSocket(process.argv[2]);
				client.on("open", () => client.send("last words", () => process.exit()));`)};
			spawn(process.execPath, ["--conditions=source", "--eval", program, ${JSON.stringify(kit.required)}, url], { stdio: "inherit" });`,
		);
		expect([code, printed]).toEqual([0, "last words\n"]);
	});
}
