import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Running, startServer } from "../bench/fleet.ts";
import { bytesInUse } from "../bench/memory.ts";
import type { Runtime } from "../bench/runtimes.ts";
import { settledBytes } from "../bench/settled.ts";
import type { ServerKind } from "./attackers/target.ts";
import type { Level } from "./figures.ts";
import { Guard } from "./guard.ts";

/** Connections of the largest attack, and what else a server has open. */
export const OPEN_FILES = 12_000;
/** So long a server may be unable to answer, in milliseconds, before it counts as hung. */
const HUNG = 60_000;

/**
 * Has glibc's allocator, which Node and Deno use, give larger blocks back to the system when they are freed. By itself it keeps those of
 * up to 32 MiB for the next time, hundreds of MiB in all, and no leak could be told from that. Buffers of 64 KiB are not among them: where
 * memory that is touched first is dear, a server would spend its time on that. Bun has an allocator of its own.
 */
export const GIVES_BACK = { MALLOC_MMAP_THRESHOLD_: "262144" };

const PROGRAMS: Readonly<Record<ServerKind, string>> = { echo: "../examples/echo", chat: "./chat" };

/** A server that is attacked. */
export class Subject {
	readonly server: ServerKind;
	readonly port: number;
	readonly guard: Guard;
	private readonly runtime: Runtime;
	private readonly running: Running;

	private constructor(server: ServerKind, runtime: Runtime, running: Running) {
		this.server = server;
		this.runtime = runtime;
		this.running = running;
		this.port = running.port;
		this.guard = new Guard(running.child);
	}

	static async start(runtime: Runtime, server: ServerKind): Promise<Subject> {
		const program = path("./served.ts");
		const env = { PROGRAM: path(`${PROGRAMS[server]}/${runtime}.ts`), DEFLATE: "1", ...GIVES_BACK };
		const name = `the ${server} server on ${runtime}`;
		return new Subject(
			server,
			runtime,
			await startServer({ name, runtime, program, env, compression: true }, { openFiles: OPEN_FILES }),
		);
	}

	/** Milliseconds of the longest turn since the last question. Rejects when the server is gone, or has hung. */
	async longestTurn(): Promise<number> {
		// Our own program answers: this is what it sends.
		return ((await this.running.child.ask("turn", HUNG)) as { turn: number }).turn;
	}

	async level(): Promise<Level> {
		const { child } = this.running;
		const resident = await settledBytes(this.running);
		// Our own program answers: this is what it sends.
		const { used } = (await child.ask("collect", HUNG)) as { used: number };
		const files = readdirSync(`/proc/${child.pid}/fd`).length;
		return { bytes: bytesInUse(this.runtime, used, child.pid), resident, files };
	}

	/** Why the server is gone; null: it runs. */
	get ending(): string | null {
		return this.guard.exceeded ?? this.running.child.ending();
	}

	end(): void {
		this.guard.stop();
		this.running.child.end();
	}
}

function path(relative: string): string {
	return fileURLToPath(new URL(relative, import.meta.url));
}
