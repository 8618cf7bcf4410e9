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

	/** What a server got from a process that did this, with a `client` of its own, and ended at once. */
	async function lastWords(program: string): Promise<string> {
		const { code, printed } = await run(
			kit,
			`const { spawn } = await import("node:child_process");
			const url = await started;
			server.on("connection", (socket) => {
				let all = 0;
				socket.on("message", (data) => data.length > 100 ? all += data.length : console.log(String(data)));
				socket.on("ping", (data) => console.log("ping " + data));
				socket.on("close", (code) => {
					if (all > 0) console.log("bytes: " + all);
					if (code !== 1006) console.log("closed: " + code);
					server.close();
				});
			});
			const program = ${JSON.stringify(`
				const WebSocket = require(process.argv[1]);
				const client = new WebSocket(process.argv[2], { perMessageDeflate: false });
				${program}`)};
			spawn(process.execPath, ["--conditions=source", "--eval", program, ${JSON.stringify(kit.required)}, url], { stdio: "inherit" });`,
		);
		expect(code).toBe(0);
		return printed;
	}

	test("a message that was called back is out when the process exits", async () => {
		expect(await lastWords(`client.on("open", () => client.send("last words", () => process.exit()));`)).toBe(
			"last words\n",
		);
	});

	test("a message is out when process.exit() follows its send at once", async () => {
		expect(await lastWords(`client.on("open", () => { client.send("last words"); process.exit(); });`)).toBe(
			"last words\n",
		);
	});

	test("its callback is not called then", async () => {
		expect(
			await lastWords(
				`client.on("open", () => { client.send("last words", () => console.log("called")); process.exit(); });`,
			),
		).toBe("last words\n");
	});

	test("many messages of one turn are out when process.exit() follows at once", async () => {
		expect(
			await lastWords(
				`client.on("open", () => { for (let i = 0; i < 3; i++) client.send("word " + i); process.exit(); });`,
			),
		).toBe("word 0\nword 1\nword 2\n");
	});

	test("an answer within a message listener is out when process.exit() follows at once", async () => {
		expect(
			await lastWords(
				`client.on("open", () => client.ping("a"));
				client.on("pong", () => { client.send("last words"); process.exit(); });`,
			),
		).toBe("ping a\nlast words\n");
	});

	test("a megabyte is out when process.exit() follows at once", async () => {
		expect(await lastWords(`client.on("open", () => { client.send(Buffer.alloc(1 << 20)); process.exit(); });`)).toBe(
			"bytes: 1048576\n",
		);
	});

	test("a Close frame is out when process.exit() follows at once", async () => {
		expect(await lastWords(`client.on("open", () => { client.close(4000); process.exit(); });`)).toBe("closed: 4000\n");
	});

	test("what an exit listener sends is out", async () => {
		expect(
			await lastWords(
				`process.on("exit", () => client.send("before"));
				client.on("open", () => {
					process.on("exit", () => { client.ping("b"); client.send("behind"); client.close(4001); });
					process.exit();
				});`,
			),
		).toBe("before\nping b\nbehind\nclosed: 4001\n");
	});

	test("a message is out when an exception ends the process at once", async () => {
		expect(
			await lastWords(
				`process.on("uncaughtException", () => process.exit());
				client.on("open", () => { client.send("last words"); throw new Error("by the listener"); });`,
			),
		).toBe("last words\n");
	});

	test("a broadcast of a server is out when process.exit() follows at once", async () => {
		const server = await run(
			kit,
			`const { spawn } = await import("node:child_process");
			const program = ${JSON.stringify(`
				const WebSocket = require(process.argv[1]);
				const clients = [0, 1, 2].map(() => new WebSocket(process.argv[2]));
				for (const client of clients) client.on("message", (data) => console.log(String(data)));`)};
			server.on("connection", () => {
				if (server.clients.size < 3) return;
				for (const client of server.clients) client.send("last words");
				process.exit();
			});
			spawn(process.execPath, ["--conditions=source", "--eval", program, ${JSON.stringify(kit.required)}, await started], { stdio: "inherit" });`,
		);
		expect([server.code, server.printed]).toEqual([0, "last words\n".repeat(3)]);
	});
}
