import { fileURLToPath } from "node:url";
import { type Running, startServer } from "../../bench/fleet.ts";
import type { Runtime } from "../../bench/runtimes.ts";
import type { SlowPolicy } from "../../packages/endpoint/src/index.ts";
import { Guard } from "../guard.ts";
import { MEMORY } from "./limits.ts";
import type { FeedFigures, FeedRequest } from "./protocol.ts";

const ANSWER_LIMIT = 60_000;
const LOOK_EVERY = 20;

/** The server of a run, alone on its processor. */
export class Feed {
	readonly port: number;
	readonly guard: Guard;
	private readonly running: Running;

	private constructor(running: Running) {
		this.running = running;
		this.port = running.port;
		this.guard = new Guard(running.child, { lookEvery: LOOK_EVERY, limit: MEMORY });
	}

	static async start(runtime: Runtime, policy: SlowPolicy, openFiles: number): Promise<Feed> {
		const name = `the server on ${runtime}`;
		const program = path("../served.ts");
		const env = { PROGRAM: path(`./${runtime}.ts`), POLICY: policy };
		return new Feed(await startServer({ name, runtime, program, env, compression: false }, { openFiles }));
	}

	async fill(): Promise<void> {
		await this.ask("fill");
	}

	async begin(): Promise<void> {
		await this.ask("begin");
	}

	async figures(): Promise<FeedFigures> {
		// Our own program answers so.
		return (await this.ask("figures")) as FeedFigures;
	}

	/** Milliseconds of the longest turn since the last question. */
	async longestTurn(): Promise<number> {
		return ((await this.running.child.ask("turn", ANSWER_LIMIT)) as { turn: number }).turn;
	}

	/** Why the server is gone; null: it runs. */
	get ending(): string | null {
		return this.guard.exceeded ?? this.running.child.ending();
	}

	end(): void {
		this.guard.stop();
		this.running.child.end();
	}

	private ask(request: FeedRequest): Promise<unknown> {
		return this.running.child.ask(request, ANSWER_LIMIT);
	}
}

function path(relative: string): string {
	return fileURLToPath(new URL(relative, import.meta.url));
}
