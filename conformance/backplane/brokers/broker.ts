import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../interop/proxies/free-port.ts";

/** A program that is a broker. */
export interface Program {
	readonly path: string;
	/** Its arguments: it listens on this port of the loopback address, and keeps its files in this folder. */
	arguments(port: number, folder: string): readonly string[];
	/** What it sends first, or answers to `question`. */
	readonly greeting: RegExp;
	readonly question: string;
}

/** A broker that a test has started. It comes back on the same port. */
export class Broker {
	readonly port: number;
	readonly #program: Program;
	readonly #folder: string = mkdtempSync(join(tmpdir(), "barewire-broker-"));
	#process: ChildProcess | null = null;

	private constructor(program: Program, port: number) {
		this.#program = program;
		this.port = port;
	}

	/** A broker on a port that nobody else has. It is not started yet. */
	static async onFreePort(program: Program): Promise<Broker> {
		return new Broker(program, await freePort());
	}

	/** Resolves when it answers. */
	async start(): Promise<void> {
		const { path, question, greeting } = this.#program;
		const started = spawn(path, [...this.#program.arguments(this.port, this.#folder)], { stdio: "ignore" });
		this.#process = started;
		const ended = once(started, "exit").then(() => {
			throw new Error(`${path} has ended`);
		});
		// Later it is no error.
		ended.catch(() => {});
		await Promise.race([ended, untilAnswered(this.port, question, greeting)]);
	}

	/** It is still there, and does nothing. */
	pause(): void {
		this.#process?.kill("SIGSTOP");
	}

	resume(): void {
		this.#process?.kill("SIGCONT");
	}

	/** Ends it without a word to its clients. */
	async kill(): Promise<void> {
		const running = this.#process;
		this.#process = null;
		if (running === null || running.exitCode !== null) return;
		const exited = once(running, "exit");
		running.kill("SIGKILL");
		await exited;
	}

	/** Ends it for good. */
	async remove(): Promise<void> {
		await this.kill();
		rmSync(this.#folder, { recursive: true, force: true });
	}
}

async function untilAnswered(port: number, question: string, greeting: RegExp): Promise<void> {
	while (!(await answers(port, question, greeting))) await new Promise((resolve) => setImmediate(resolve));
}

function answers(port: number, question: string, greeting: RegExp): Promise<boolean> {
	return new Promise((resolve) => {
		const socket = connect(port, "127.0.0.1", () => socket.write(question));
		socket.on("data", (data) => {
			resolve(greeting.test(data.toString("latin1")));
			socket.destroy();
		});
		socket.on("error", () => {});
		socket.on("close", () => resolve(false));
	});
}
