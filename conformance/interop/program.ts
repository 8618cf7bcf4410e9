import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { DeflateParameters } from "./exchange/deflate.ts";
import type {
	ClientReport,
	ClientTask,
	FailureReport,
	ListeningReport,
	ListenTask,
	ServerReport,
} from "./exchange/lines.ts";

/** How long a report may take, in milliseconds: a program that hangs must fail. */
const PATIENCE = 15_000;
/** And once it did, so that it holds up the other tests for seconds rather than for minutes. */
const NO_PATIENCE = 1_000;
/** How long a program may take to end by itself, in milliseconds. */
const TIME_TO_END = 5_000;

/** A client or a server of the matrix, running in a process of its own. */
export class Program {
	private readonly process: ChildProcess;
	private readonly reports: Map<string, PromiseWithResolvers<unknown>> = new Map();
	private readonly ended: Promise<string>;
	private errors: string = "";
	private gone: Error | null = null;
	private patience: number = PATIENCE;

	constructor(command: string, args: readonly string[]) {
		// Leading a process group, since Deno's and Bun's commands start the real program as a child of theirs.
		this.process = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"], detached: true });
		const { stdin, stdout, stderr } = this.process;
		if (stdin === null || stdout === null || stderr === null) throw new Error("the streams are not piped");
		// Written to a program that is gone: its end is told below.
		stdin.on("error", () => {});
		stderr.setEncoding("utf8").on("data", (text: string) => {
			this.errors += text;
		});
		createInterface({ input: stdout }).on("line", (line) => {
			const report = JSON.parse(line) as { readonly id: string };
			this.report(report.id).resolve(report);
		});
		this.ended = new Promise((resolve) => {
			this.process.on("error", (error) => this.end(`could not be started: ${error.message}`, resolve));
			this.process.on("close", (status, signal) => this.end(`ended with ${signal ?? status}`, resolve));
		});
	}

	/** Where it listens. */
	async port(): Promise<number> {
		const { port } = (await this.told("listening")) as ListeningReport;
		return port;
	}

	/** Where it listens for those who compress: it begins to, when nobody has asked before. */
	async compressingPort(deflate: DeflateParameters): Promise<number> {
		const id = `listening, ${JSON.stringify(deflate)}`;
		if (!this.reports.has(id)) this.tell({ id, deflate });
		const report = (await this.told(id)) as ListeningReport | FailureReport;
		if ("failed" in report) throw new Error(report.failed);
		return report.port;
	}

	/** How the server saw this connection, once that has ended. */
	async connection(name: string): Promise<ServerReport> {
		return (await this.told(name)) as ServerReport;
	}

	/** Has the client carry out the task. */
	async perform(task: ClientTask): Promise<ClientReport> {
		this.tell(task);
		const report = (await this.told(task.id)) as ClientReport | FailureReport;
		if ("failed" in report) throw new ClientFailed(report.failed);
		return report;
	}

	/** Lets it end, and makes it when it does not; resolves to how it ended, and to what it wrote to its standard error. */
	async stop(timeToEnd: number = TIME_TO_END): Promise<{ how: string; errors: string }> {
		const late = setTimeout(() => this.kill(), timeToEnd);
		this.process.stdin?.end();
		const how = await this.ended;
		clearTimeout(late);
		return { how, errors: this.errors };
	}

	private tell(task: ClientTask | ListenTask): void {
		this.process.stdin?.write(`${JSON.stringify(task)}\n`);
	}

	private kill(): void {
		if (this.process.pid !== undefined) process.kill(-this.process.pid, "SIGKILL");
	}

	private async told(id: string): Promise<unknown> {
		const late = Promise.withResolvers<never>();
		const timer = setTimeout(() => {
			this.patience = NO_PATIENCE;
			late.reject(new Error(`${this.process.spawnargs.join(" ")} has reported nothing of "${id}"\n${this.errors}`));
		}, this.patience);
		try {
			return await Promise.race([this.report(id).promise, late.promise]);
		} finally {
			clearTimeout(timer);
		}
	}

	private report(id: string): PromiseWithResolvers<unknown> {
		let report = this.reports.get(id);
		if (report === undefined) {
			report = Promise.withResolvers();
			// Somebody may come to ask for it later, or nobody.
			report.promise.catch(() => {});
			if (this.gone !== null) report.reject(this.gone);
			this.reports.set(id, report);
		}
		return report;
	}

	private end(how: string, resolve: (how: string) => void): void {
		const gone = new Error(`${this.process.spawnargs.join(" ")} ${how}\n${this.errors}`);
		this.gone = gone;
		for (const report of this.reports.values()) report.reject(gone);
		resolve(how);
	}
}

/** The client told that it could not do its task. */
export class ClientFailed extends Error {
	override readonly name: string = "ClientFailed";
}
