import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Guard } from "../attack/guard.ts";
import { GIVES_BACK } from "../attack/subject.ts";
import { type Child, startChild } from "../bench/children.ts";
import { startServer } from "../bench/fleet.ts";
import { bytesInUse, residentBytes } from "../bench/memory.ts";
import { type Runtime, serverCommand } from "../bench/runtimes.ts";
import type { ClientsReply, ClientsRequest } from "./clients/protocol.ts";
import type { Found } from "./clients/tally.ts";
import type { Counts, ServerRequest } from "./servers/protocol.ts";

/** What a process holds at a time. */
export interface Sample extends Counts {
	/** In milliseconds, from the begin of the run. */
	readonly time: number;
	/** Bytes in use, behind a collection of the garbage. */
	readonly bytes: number;
	/** RssAnon. */
	readonly resident: number;
	readonly files: number;
}

/** So long a process may need for an answer, in milliseconds, before it counts as hung. */
const HUNG = 120_000;
/** More than ten times what any of them takes. */
const WATCH = { lookEvery: 100, limit: 768 * 1024 * 1024 } as const;

/** A process that is sampled. */
export abstract class Subject {
	readonly name: string;
	readonly child: Child;
	readonly guard: Guard;
	private readonly runtime: Runtime;

	constructor(runtime: Runtime, child: Child) {
		this.runtime = runtime;
		this.name = child.name;
		this.child = child;
		this.guard = new Guard(child, WATCH);
	}

	abstract count(): Promise<Counts>;

	/** `how`: "sweep" takes little time from those who are busy; "collect" finds all. */
	async sample(begin: number, how: "sweep" | "collect"): Promise<Sample> {
		const { pid } = this.child;
		// Our own program answers: this is what it sends.
		const { used } = (await this.child.ask(how, HUNG)) as { used: number };
		const bytes = bytesInUse(this.runtime, used, pid);
		const resident = residentBytes(pid);
		const counts = await this.count();
		const files = readdirSync(`/proc/${pid}/fd`).length;
		return { time: performance.now() - begin, bytes, resident, files, ...counts };
	}

	/** What it has printed as an error, or why it is gone; "": nothing. */
	get complaint(): string {
		return this.guard.exceeded ?? this.child.ending() ?? this.child.errors();
	}

	end(): void {
		this.guard.stop();
		this.child.end();
	}
}

export class ServerSubject extends Subject {
	readonly port: number;

	private constructor(runtime: Runtime, child: Child, port: number) {
		super(runtime, child);
		this.port = port;
	}

	static async start(runtime: Runtime): Promise<ServerSubject> {
		const program = path(`./servers/${runtime}.ts`);
		const contender = { name: `server on ${runtime}`, runtime, program, env: GIVES_BACK, compression: true };
		const { child, port } = await startServer(contender);
		return new ServerSubject(runtime, child, port);
	}

	count(): Promise<Counts> {
		return this.ask("count");
	}

	/** Has the server close. */
	close(): Promise<Counts> {
		return this.ask("close");
	}

	private async ask(request: ServerRequest): Promise<Counts> {
		// Our own program answers so.
		return (await this.child.ask(request, HUNG)) as Counts;
	}
}

/** Clients of ours on a runtime, or the raw ones. */
export class ClientsSubject extends Subject {
	/** null: the raw ones. */
	static async start(runtime: Runtime | null): Promise<ClientsSubject> {
		const program = path(runtime === null ? "./clients/raw/main.ts" : `./clients/${runtime}.ts`);
		const name = runtime === null ? "raw clients" : `clients on ${runtime}`;
		const own = runtime ?? "node";
		const command = serverCommand(own, program);
		const child = startChild({ name, command, env: GIVES_BACK, part: "generator" });
		await child.line(HUNG);
		return new ClientsSubject(own, child);
	}

	async count(): Promise<Counts> {
		return (await this.ask({ ask: "count" })).counts;
	}

	async begin(ports: readonly number[], seats: number): Promise<void> {
		await this.ask({ ask: "begin", ports, seats });
	}

	/** Resolves when all clients have gone. */
	async finish(): Promise<Found> {
		return (await this.ask({ ask: "finish" })).found;
	}

	private async ask(request: ClientsRequest): Promise<ClientsReply> {
		return (await this.child.ask(request, HUNG)) as ClientsReply;
	}
}

function path(relative: string): string {
	return fileURLToPath(new URL(relative, import.meta.url));
}
