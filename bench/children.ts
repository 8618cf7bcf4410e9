import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { allowedProcessors } from "./cpu.ts";

/** A process of the bench: it is sent one message at a time, and answers each with one. */
export interface Child {
	readonly name: string;
	readonly pid: number;
	/** Resolves with the answer. Rejects when the process ends first or the time is over. */
	ask(message: object | string, milliseconds: number): Promise<unknown>;
	/** How the process ended, with what it said last; null: it runs. */
	ending(): string | null;
	/** What it has written to stderr so far; of much, the end. */
	errors(): string;
	/** Resolves once the process has printed a line. */
	line(milliseconds: number): Promise<void>;
	end(): void;
}

export interface ChildOptions {
	readonly name: string;
	/** The program and its arguments. */
	readonly command: readonly string[];
	readonly env?: Readonly<Record<string, string>>;
	/** `server` and `generator` run on a processor of their own each, if there are two. */
	readonly part: "server" | "generator";
	/** How many files the process must be able to have open; 0: as many as usual. */
	readonly openFiles?: number;
}

const STDERR_KEPT = 4000;
const running = new Set<ChildProcess>();

/** Starts a process of the bench. */
export function startChild({ name, command: own, env = {}, part, openFiles = 0 }: ChildOptions): Child {
	const command = [...onProcessor(part), ...own];
	const limited =
		openFiles === 0 ? command : ["sh", "-c", 'ulimit -n "$0" && exec "$@"', String(openFiles), ...command];
	const child = spawn(limited[0]!, limited.slice(1), {
		stdio: ["ignore", "pipe", "pipe", "ipc"],
		env: { ...process.env, ...env },
	});
	running.add(child);
	let stderr = "";
	let ended: string | null = null;
	child.stderr?.setEncoding("utf8").on("data", (text: string) => {
		stderr = (stderr + text).slice(-STDERR_KEPT);
	});
	// `close`, not `exit`: by then all of stderr has been read.
	child.once("close", (code, signal) => {
		running.delete(child);
		ended = `${name} ended (${signal ?? `exit code ${code}`})${stderr === "" ? "" : `:\n${stderr.trimEnd()}`}`;
		child.emit("gone");
	});
	child.once("error", (error) => {
		ended = `${name} could not be started: ${error.message}`;
		child.emit("gone");
	});

	const within = <T>(milliseconds: number, what: string, begin: (resolve: (value: T) => void) => () => void) =>
		new Promise<T>((resolve, reject) => {
			if (ended !== null) return reject(new Error(ended));
			const settle = (act: () => void): void => {
				clearTimeout(timer);
				child.off("gone", gone);
				cancel();
				act();
			};
			const gone = (): void => settle(() => reject(new Error(ended ?? name)));
			const late = (): void => settle(() => reject(new Error(`${name}: no ${what} within ${milliseconds} ms`)));
			const timer = setTimeout(late, milliseconds);
			child.once("gone", gone);
			const cancel = begin((value) => settle(() => resolve(value)));
		});

	return {
		name,
		pid: child.pid ?? 0,
		ending: () => ended,
		errors: () => stderr,
		ask: (message, milliseconds) =>
			within<unknown>(milliseconds, "answer", (resolve) => {
				child.once("message", resolve);
				child.send(message, () => {});
				return () => child.off("message", resolve);
			}),
		line: (milliseconds) =>
			within<void>(milliseconds, "line printed", (resolve) => {
				const printed = (): void => resolve();
				child.stdout?.once("data", printed);
				return () => child.stdout?.off("data", printed).resume();
			}),
		end: () => void child.kill("SIGKILL"),
	};
}

/** Ends all processes that are still running. */
export function endChildren(): void {
	for (const child of running) child.kill("SIGKILL");
}

/** Whether a process may have so many files open. */
export function canOpenFiles(count: number): boolean {
	return spawnSync("sh", ["-c", 'ulimit -n "$0"', String(count)], { stdio: "ignore" }).status === 0;
}

/** Whether servers and generator get a processor each. */
export const HAS_OWN_PROCESSORS: boolean =
	availableParallelism() > 1 && spawnSync("taskset", ["--version"]).status === 0;

function onProcessor(part: ChildOptions["part"]): string[] {
	if (!HAS_OWN_PROCESSORS) return [];
	return ["taskset", "-c", String(allowedProcessors()[part === "server" ? 0 : 1])];
}
