import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, test } from "vitest";
import { COMMANDS, RUNTIMES } from "../interop/runtimes.ts";
import { Answers, checkSites, type RemoteSite } from "./check-sites.ts";
import type { Answer } from "./site.ts";

describe("workers share their topics over BroadcastChannel", () => {
	for (const runtime of RUNTIMES) {
		test(`${runtime}: every message comes once and in order`, async () => {
			const [command = "", ...args] = COMMANDS[runtime];
			const program = spawn(command, [...args, join(import.meta.dirname, "workers.ts"), runtime], {
				cwd: import.meta.dirname,
				stdio: ["pipe", "pipe", "inherit"],
			});
			const exited = once(program, "exit");
			const answers = [new Answers(), new Answers(), new Answers()];
			createInterface({ input: program.stdout }).on("line", (line) => {
				const { site, answer } = JSON.parse(line) as { site: number; answer: Answer };
				answers[site]?.add(answer);
			});
			const sites: RemoteSite[] = answers.map((each, site) => ({
				send: (command) => void program.stdin.write(`${JSON.stringify({ site, command })}\n`),
				next: (kind) => each.next(kind),
			}));
			try {
				await checkSites(sites, 100);
				for (const site of sites) site.send({ do: "stop" });
				await Promise.all(sites.map((site) => site.next("stopped")));
			} finally {
				program.kill("SIGKILL");
				await exited;
			}
		});
	}
});
