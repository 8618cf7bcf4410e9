import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Guard } from "../attack/guard.ts";
import { GIVES_BACK } from "../attack/subject.ts";
import { type Child, startChild } from "../bench/children.ts";
import { startServer } from "../bench/fleet.ts";
import { residentBytes } from "../bench/memory.ts";
import { type Runtime, serverCommand } from "../bench/runtimes.ts";
import type { ClientsReply, ClientsRequest } from "./clients/protocol.ts";
import type { Found } from "./clients/tally.ts";
import type { Counts, ServerRequest } from "./servers/protocol.ts";

/** What a process holds at a time. */
export interface Sample extends Counts {
	/** In milliseconds, from the begin of the run. */
	readonly time: number;
	/** RssAnon behind a collection of the garbage. */
	readonly bytes: number;
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

	constructor(child: Child) {
		this.name = child.name;
		this.child = child;
		this.guard = new Guard(child, WATCH);
	}

	abstract count(): Promise<Counts>;

	/** `how`: "sweep" takes little time from those who are busy; "collect" finds all. */
	async sample(begin: number, how: "sweep" | "collect"): Promise<Sample> {
		await this.child.ask(how, HUNG);
		const bytes = residentBytes(this.child.pid);
		const counts = await this.count();
		const files = readdirSync(`/proc/${this.child.pid}/fd`).length;
		return { time: performance.now() - begin, bytes, files, ...counts };
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

	private constructor(child: Child, port: number) {
		super(child);
		this.port = port;
	}

	static async start(runtime: Runtime): Promise<ServerSubject> {
		const program = path(`./servers/${runtime}.ts`);
		const contender = { name: `server on ${runtime}`, runtime, program, env: GIVES_BACK, compression: true };
		const { child, port } = await startServer(contender);
		return new ServerSubject(child, port);
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
		const command = serverCommand(runtime ?? "node", program);
		const child = startChild({ name, command, env: GIVES_BACK, part: "generator" });
		await child.line(HUNG);
		return new ClientsSubject(child);
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
