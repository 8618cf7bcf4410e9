import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type Runtime, serverCommand } from "../bench/runtimes.ts";
import { RawClient } from "./raw-client.ts";

const PROGRAM = join(import.meta.dirname, "inherited-server.ts");

const ACTIVATE = "systemd-socket-activate";
const HAS_SYSTEMD = spawnSync(ACTIVATE, ["--version"]).status === 0;

/** A program that inherits the descriptor as its number 3. `log` waits for a text on its output. */
function start(
	command: readonly string[],
	descriptor: number | "ignore",
): { readonly child: ChildProcess; log(pattern: RegExp): Promise<string> } {
	const [file = "", ...args] = command;
	const child = spawn(file, args, { stdio: ["ignore", "pipe", "inherit", descriptor] });
	onTestFinished(() => void child.kill("SIGKILL"));
	let text = "";
	let look = (): void => {};
	child.stdout?.setEncoding("utf8").on("data", (more: string) => {
		text += more;
		look();
	});
	return {
		child,
		log: (pattern) =>
			new Promise((resolve) => {
				look = () => {
					const found = pattern.exec(text);
					if (found !== null) resolve(found[1] ?? found[0]);
				};
				look();
			}),
	};
}

function program(runtime: Runtime, fd: string): string[] {
	return [...serverCommand(runtime, PROGRAM), runtime, fd];
}

/** A listening socket, and its descriptor, which Node's types omit. */
async function listening(): Promise<{ readonly server: Server; readonly port: number; readonly fd: number }> {
	const server = createServer().listen(0, "127.0.0.1");
	await once(server, "listening");
	const { port } = server.address() as { port: number };
	return { server, port, fd: (server as unknown as { _handle: { fd: number } })._handle.fd };
}

async function ask(port: number): Promise<string> {
	const client = await RawClient.open(port);
	client.write("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
	await client.ended;
	await client.close();
	return client.text;
}

async function end({ child, log }: ReturnType<typeof start>): Promise<void> {
	child.kill("SIGTERM");
	expect(await log(/closed (.*)\./)).toMatch(/"cut":0/);
}

for (const runtime of ["node", "bun"] as const) {
	test(`${runtime}: a socket that is inherited from a parent is served`, async () => {
		const { server, port, fd } = await listening();
		const started = start(program(runtime, "3"), fd);
		expect(await started.log(/listens on (.*)\./)).toBe(`${port}`);
		server.close();
		expect(await ask(port)).toMatch(/^HTTP\/1.1 200 [\s\S]*served/);
		await end(started);
	});

	test.skipIf(!HAS_SYSTEMD)(
		`${runtime}: the socket of ${ACTIVATE} is served (skipped where there is none)`,
		async () => {
			const { server, port } = await listening();
			server.close();
			await once(server, "close");
			const activated = [ACTIVATE, "--listen", `127.0.0.1:${port}`, ...program(runtime, "systemd")];
			const started = start(activated, "ignore");
			expect(await asSoonAsItListens(port)).toMatch(/^HTTP\/1.1 200 [\s\S]*served/);
			expect(await started.log(/listens on (.*)\./)).toBe(`${port}`);
			await end(started);
		},
	);

	test(`${runtime}: "systemd" without its variables, and a descriptor that is no socket, are refused`, async () => {
		expect(await start(program(runtime, "systemd"), "ignore").log(/refused: (.*)\./)).toContain(
			"LISTEN_FDS and LISTEN_PID",
		);
		expect(await start(program(runtime, "3"), "ignore").log(/refused: (.*)\./)).toMatch(
			/TransportError: cannot listen on descriptor 3/,
		);
	});
}

test("deno: `fd` is refused by name", async () => {
	const { server, fd } = await listening();
	expect(await start(program("deno", "3"), fd).log(/refused: (.*)\./)).toMatch(/UsageError: the option `fd` .*Deno/);
	server.close();
});

/** It listens at some time; until then connections are refused. */
async function asSoonAsItListens(port: number): Promise<string> {
	for (;;) {
		try {
			return await ask(port);
		} catch (error) {
			if ((error as { code?: string }).code !== "ECONNREFUSED") throw error;
		}
	}
}
