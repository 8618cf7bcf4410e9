import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { Answer, Command, Report } from "./messages.ts";
import { SITES } from "./schedule.ts";

/** An answer that does not come is a loss. */
const PATIENCE = 30_000;

/** The processes of the servers. */
export class Sites {
	readonly #processes: readonly ChildProcess[];

	private constructor(processes: readonly ChildProcess[]) {
		this.#processes = processes;
	}

	/** Resolves when all sockets are subscribed. */
	static async start(kind: string, port: number): Promise<Sites> {
		const file = new URL("./site.ts", import.meta.url);
		const processes = Array.from({ length: SITES }, (_, site) =>
			fork(file, [String(site), kind, String(port)], {
				execArgv: ["--conditions=source"],
				stdio: ["ignore", "ignore", "inherit", "ipc"],
			}),
		);
		const sites = new Sites(processes);
		try {
			await Promise.all(processes.map((each) => answerOf(each, "ready")));
		} catch (error) {
			sites.kill();
			throw error;
		}
		return sites;
	}

	/** What one server answers. */
	ask<Kind extends Answer["is"]>(site: number, command: Command, kind: Kind): Promise<Answer & { is: Kind }> {
		const process = this.#processes[site];
		if (process === undefined) throw new Error(`there is no server ${site}`);
		const answer = answerOf(process, kind);
		process.send(command);
		return answer;
	}

	/** What all of them answer. */
	askAll<Kind extends Answer["is"]>(command: Command, kind: Kind): Promise<(Answer & { is: Kind })[]> {
		return Promise.all(this.#processes.map((_, site) => this.ask(site, command, kind)));
	}

	async reports(): Promise<Report[]> {
		return (await this.askAll({ do: "report" }, "report")).map(({ report }) => report);
	}

	async stop(): Promise<void> {
		const ends = this.#processes.map((each) => once(each, "exit"));
		for (const each of this.#processes) each.send({ do: "stop" } satisfies Command);
		await Promise.all(ends);
	}

	kill(): void {
		for (const each of this.#processes) each.kill("SIGKILL");
	}
}

async function answerOf<Kind extends Answer["is"]>(process: ChildProcess, kind: Kind): Promise<Answer & { is: Kind }> {
	const signal = AbortSignal.timeout(PATIENCE);
	try {
		const [answer] = (await once(process, "message", { signal })) as [Answer];
		if (answer.is !== kind) throw new Error(`a server answered ${answer.is} in the place of ${kind}`);
		return answer as Answer & { is: Kind };
	} catch (error) {
		throw signal.aborted ? new Error(`a server did not answer ${kind} within ${PATIENCE / 1000} s`) : error;
	}
}
