import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect as connectTo } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { connect } from "@barewire/transport-node";
import { expect, test } from "vitest";

const BIN = join(import.meta.dirname, "../../node_modules/.bin");

const COMMANDS = {
	node: [process.execPath, "--conditions=source"],
	deno: [join(BIN, "deno"), "run", "--quiet", "--allow-all", "--no-check", "--conditions=source"],
	bun: [join(BIN, "bun"), "--conditions=source"],
} as const;

/** Starts an example, and ends it behind the check; it must end by itself. */
async function withExample(
	runtime: keyof typeof COMMANDS,
	name: string,
	check: (port: number, nextLine: () => Promise<string>) => Promise<void>,
): Promise<void> {
	const [command, ...args] = COMMANDS[runtime];
	// Leading a process group, since Deno's and Bun's commands start the real program as a child of theirs.
	const example = spawn(command, [...args, `${name}.ts`], {
		cwd: import.meta.dirname,
		env: { ...process.env, PORT: "0" },
		stdio: ["ignore", "pipe", "inherit"],
		detached: true,
	});
	const lines = createInterface({ input: example.stdout })[Symbol.asyncIterator]();
	const nextLine = async (): Promise<string> => (await lines.next()).value ?? "";
	const ended = once(example, "exit");
	try {
		let text = await nextLine();
		while (!/port: \d+/.test(text)) text += await nextLine();
		await check(Number(/port: (\d+)/.exec(text)?.[1]), nextLine);
	} finally {
		process.kill(-(example.pid ?? 0), "SIGTERM");
	}
	const [code] = await ended;
	// The commands of the other two are ended by the signal themselves.
	if (runtime === "node" && EXAMPLES.includes(name)) expect(code).toBe(0);
}

/** An opening handshake. */
function handshake(path: string): string {
	const fields = "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
	return `GET ${path} HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n${fields}\r\n\r\n`;
}

/** The status that an opening handshake gets. */
async function statusOf(port: number, path: string): Promise<string> {
	const socket = connectTo(port, "127.0.0.1");
	socket.write(handshake(path));
	const [answer] = await once(socket, "data");
	socket.destroy();
	return String(answer).slice(9, 12);
}

const EXAMPLES = ["node", "express", "fastify", "koa", "hono"];

for (const runtime of ["node", "deno", "bun"] as const)
	test.each(EXAMPLES)(`%s on ${runtime}: pages, a WebSocket with a message of 1 MiB, and 404 elsewhere`, (name) =>
		withExample(runtime, name, async (port) => {
			const base = `http://127.0.0.1:${port}`;
			expect(await (await fetch(`${base}/`)).text()).toBe("plain HTTP\n");
			const socket = await connect(`${base}/chat`);
			const large = "a".repeat(1 << 20);
			for (const text of ["hello", large]) socket.send(text);
			const messages = socket[Symbol.asyncIterator]();
			expect((await messages.next()).value).toBe("hello");
			expect((await messages.next()).value).toBe(large);
			socket.close(1000);
			expect(await socket.closed).toMatchObject({ code: 1000, wasClean: true });
			expect(await statusOf(port, "/other")).toBe("404");
			expect(await (await fetch(`${base}/`)).text()).toBe("plain HTTP\n");
		}),
	);

test("upgrade: who is let in", () =>
	withExample("node", "upgrade", async (port, nextLine) => {
		for (const path of ["/chat?token=guess", "/chat", "//", "http://"]) expect(await statusOf(port, path)).toBe("401");
		const socket = await connect(`http://127.0.0.1:${port}/chat?token=let-me-in`);
		expect((await socket[Symbol.asyncIterator]().next()).value).toBe("welcome");
		socket.send("hello");
		expect(await nextLine()).toBe("me hello");
		socket.close();
	}));

test.each(["node", "deno", "bun"] as const)("upgrade on %s: clients that reset when they are refused", (runtime) =>
	withExample(runtime, "upgrade", async (port) => {
		for (let i = 0; i < 50; i++) {
			const socket = connectTo(port, "127.0.0.1");
			socket.write(handshake("/chat?token=guess"), () => socket.resetAndDestroy());
			await once(socket, "close");
		}
		expect(await statusOf(port, "/chat?token=guess")).toBe("401");
	}),
);

test("upgrade: who is refused and goes on sending is cut", () =>
	withExample("node", "upgrade", async (port) => {
		const socket = connectTo({ port, host: "127.0.0.1", allowHalfOpen: true });
		socket.on("error", () => {}).write(handshake("/chat?token=guess"));
		expect(String((await once(socket, "data"))[0])).toMatch(/^HTTP\/1.1 401 /);
		const closed = new Promise((resolve) => socket.once("close", resolve));
		// As long as the socket is there, whatever is sent is taken.
		const goOn = (): void => void socket.write("more", () => setImmediate(goOn));
		goOn();
		await closed;
	}));

test("400 mixed connections: nothing is lost, and each refusal is complete", async () => {
	const program = join(import.meta.dirname, "load/main.ts");
	const { stdout } = await promisify(execFile)(process.execPath, ["--conditions=source", program, "400"]);
	expect(stdout).toMatch(/^connections at once +360 +360 +360$/m);
	expect(stdout).toMatch(/\nnothing was lost\n$/);
});

test("docs/attach.md has the programs", () => {
	const read = (file: string): string => readFileSync(join(import.meta.dirname, file), "utf8");
	for (const name of ["node.ts", "upgrade.ts"])
		expect(read("../../docs/attach.md")).toContain(`\`\`\`ts\n${read(name)}\`\`\``);
});
