import { createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Child, type ChildOptions, startChild } from "./children.ts";
import type { LoadReply, LoadRequest, LoadResult } from "./load/protocol.ts";
import { serverCommand } from "./runtimes.ts";
import type { Contender } from "./servers.ts";

/** A server that listens. */
export interface Running {
	readonly port: number;
	readonly child: Child;
}

/** The load generator, ready to be asked. */
export interface Generator {
	/** Rejects when the server did something else than it should. */
	ask(request: LoadRequest, server: Child, milliseconds: number): Promise<LoadResult>;
	end(): void;
}

/** `part`: what is measured has the processor of servers, which is the default. */
type StartOptions = Partial<Pick<ChildOptions, "openFiles" | "part">>;

const START_LIMIT = 20_000;
const ENDING = 200;

/** Starts a server and waits until it listens. */
export async function startServer(contender: Contender, options: StartOptions = {}): Promise<Running> {
	const port = await freePort();
	return { port, child: await start(contender, port, options) };
}

/** Starts a client that is measured, and waits until it is ready. The server that it is to talk to is on this port. */
export function startClient(contender: Contender, port: number): Promise<Child> {
	return start(contender, port, {});
}

async function start(
	contender: Contender,
	port: number,
	{ openFiles = 0, part = "server" }: StartOptions,
): Promise<Child> {
	const { name, runtime, program, env } = contender;
	const command = serverCommand(runtime, program);
	const child = startChild({ name, command, env: { ...env, PORT: String(port) }, part, openFiles });
	await child.line(START_LIMIT);
	return child;
}

/** Starts a server, and ends it when it has been used. */
export async function withServer<T>(
	contender: Contender,
	use: (server: Running) => Promise<T>,
	openFiles: number = 0,
): Promise<T> {
	const server = await startServer(contender, { openFiles });
	try {
		return await use(server);
	} finally {
		server.child.end();
	}
}

export function startGenerator(openFiles: number = 0): Generator {
	const program = fileURLToPath(new URL("./load/main.ts", import.meta.url));
	const child = startChild({
		name: "the load generator",
		command: [process.execPath, "--conditions=source", program],
		part: "generator",
		openFiles,
	});
	return {
		async ask(request, server, milliseconds) {
			// The generator is our own program: its answers have this type. When none comes, the server owes an echo.
			const reply = (await child.ask(request, milliseconds).catch((error: Error) => ({
				error: `${request.ask}: ${error.message}`,
			}))) as LoadReply;
			if (!("error" in reply)) return reply;
			// A connection that breaks is news before the end of the process that it has gone down with.
			await pause(ENDING);
			throw new Error(server.ending() ?? `${server.name}: ${reply.error}`);
		},
		end: () => child.end(),
	};
}

/** A port that is free now: a server that tells no other than the one it was given cannot choose for itself. */
function freePort(): Promise<number> {
	return new Promise((resolve, reject) => {
		const server = createServer();
		server.once("error", reject);
		server.listen({ host: "127.0.0.1", port: 0 }, () => {
			const address = server.address();
			const port = typeof address === "object" && address !== null ? address.port : 0;
			server.close(() => resolve(port));
		});
	});
}
