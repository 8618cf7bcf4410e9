import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, describe, expect, test } from "vitest";
import { COMMANDS, RUNTIMES, type Runtime } from "../../interop/runtimes.ts";
import { Answers, checkSites, type RemoteSite } from "../check-sites.ts";
import { type Answer, TOPICS } from "../site.ts";
import { Broker } from "./broker.ts";
import { KINDS, type Kind } from "./kinds.ts";

const brokers: Broker[] = [];
const programs: ChildProcess[] = [];

afterEach(async () => {
	for (const program of programs.splice(0)) program.kill("SIGKILL");
	await Promise.all(brokers.splice(0).map((broker) => broker.remove()));
});

interface Site extends RemoteSite {
	/** Resolves to the exit code: nothing that is left open keeps the process alive. */
	end(): Promise<number>;
}

function start(runtime: Runtime, kind: Kind, port: number): Site {
	const [command = "", ...args] = COMMANDS[runtime];
	const program = spawn(command, [...args, join(import.meta.dirname, "remote.ts"), runtime, kind.name, String(port)], {
		cwd: import.meta.dirname,
		stdio: ["pipe", "pipe", "inherit"],
	});
	programs.push(program);
	const exited = once(program, "exit");
	const answers = new Answers();
	createInterface({ input: program.stdout }).on("line", (line) => {
		// Other lines say which programs are missing.
		if (line.startsWith("{")) answers.add(JSON.parse(line) as Answer);
	});
	return {
		send: (command) => void program.stdin.write(`${JSON.stringify(command)}\n`),
		next: (kind) => answers.next(kind),
		async end() {
			program.stdin.end();
			const [code] = await exited;
			return code;
		},
	};
}

for (const kind of KINDS) {
	const { name, program } = kind;
	describe.skipIf(program === null)(`topics over ${name}`, () => {
		test("servers on Node, Deno and Bun share them, also after the broker has come back, and end", async () => {
			if (program === null) throw new Error(`${name} is missing`);
			const broker = await Broker.onFreePort(program);
			brokers.push(broker);
			await broker.start();
			const sites = RUNTIMES.map((runtime) => start(runtime, kind, broker.port));
			await checkSites(sites, 100);
			await broker.kill();
			await broker.start();
			for (const site of sites) for (const _ of TOPICS) expect((await site.next("gap")).gap.reason).toBe("interrupted");
			for (const site of sites) {
				site.send({ do: "count" });
				expect((await site.next("counted")).count).toBe(sites.length);
			}
			for (const site of sites) site.send({ do: "stop" });
			await Promise.all(sites.map((site) => site.next("stopped")));
			expect(await Promise.all(sites.map((site) => site.end()))).toEqual([0, 0, 0]);
		});
	});
}
