import { type ChildProcess, spawn } from "node:child_process";

/** However the tests end, such a program does so after this many seconds. */
const LONGEST = 60;

/** A program of somebody else's that only logs what it does. */
export class LoggingProgram {
	private readonly process: ChildProcess;
	private readonly ended: Promise<void>;
	private log: string = "";
	private gone: boolean = false;
	private watches: (() => void)[] = [];

	constructor(command: string, args: readonly string[]) {
		this.process = spawn("timeout", ["--signal=KILL", `${LONGEST}`, command, ...args], {
			stdio: ["ignore", "pipe", "pipe"],
		});
		const more = (text: string): void => {
			this.log += text;
			for (const look of this.watches) look();
		};
		this.process.stdout?.setEncoding("utf8").on("data", more);
		this.process.stderr?.setEncoding("utf8").on("data", more);
		this.ended = new Promise((resolve) => {
			const end = (): void => {
				this.gone = true;
				more("");
				resolve();
			};
			this.process.on("error", end);
			this.process.on("close", end);
		});
	}

	/** Resolves when the log has such a text. */
	logged(pattern: RegExp): Promise<RegExpExecArray> {
		return new Promise((resolve, reject) => {
			const look = (): void => {
				const found = pattern.exec(this.log);
				if (found !== null) resolve(found);
				else if (this.gone) reject(new Error(`${this.process.spawnargs.join(" ")} ended, and did not log ${pattern}`));
				else return;
				this.watches = this.watches.filter((each) => each !== look);
			};
			this.watches.push(look);
			look();
		});
	}

	/** Ends it; it would not by itself. `timeout` passes the signal on, and waits for it. */
	async stop(): Promise<void> {
		this.process.kill("SIGTERM");
		await this.ended;
	}
}
