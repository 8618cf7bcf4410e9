import { spawn } from "node:child_process";
import { ROOT } from "./repository.ts";

/** How a program ended. */
interface Ended {
	/** Null: it ended well. */
	readonly ending: string | null;
	/** What it wrote, to either stream. */
	readonly output: string;
}

/** Runs a program in the repository's folder, beside others. It is killed after so many milliseconds. */
export function runToEnd(command: string, args: readonly string[], limit: number): Promise<Ended> {
	const child = spawn(command, args, { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"], detached: true });
	const pieces: Buffer[] = [];
	for (const stream of [child.stdout, child.stderr]) stream.on("data", (piece: Buffer) => pieces.push(piece));
	let isLate = false;
	// Leading a process group, since Deno's and Bun's commands start the real program as a child of theirs.
	const kill = (): void => void (child.pid !== undefined && process.kill(-child.pid, "SIGKILL"));
	const late = setTimeout(() => {
		isLate = true;
		kill();
	}, limit);
	const interrupted = (): void => {
		kill();
		process.exit(1);
	};
	for (const signal of SIGNALS) process.once(signal, interrupted);
	return new Promise((resolve) => {
		const end = (ending: string | null): void => {
			clearTimeout(late);
			for (const signal of SIGNALS) process.off(signal, interrupted);
			resolve({ ending, output: Buffer.concat(pieces).toString() });
		};
		child.on("error", (error) => end(error.message));
		child.on("close", (status, signal) => {
			if (isLate) end(`not done within ${limit} ms`);
			else end(status === 0 ? null : `ended with ${signal ?? status}`);
		});
	});
}

const SIGNALS = ["SIGINT", "SIGTERM"] as const;
