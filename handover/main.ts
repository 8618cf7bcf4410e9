// Moves connections between two processes while numbered messages go both ways, and counts what is lost, repeated, out of order
// or torn. handover/README.md says what is measured.
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Peer } from "@barewire/handover";
import { runCommand } from "../bench/command.ts";
import { readArguments, type Settings, USAGE } from "./arguments.ts";
import type { ClientsRequest } from "./clients.ts";
import { KINDS, type Plan } from "./plan.ts";
import { type SideFound, startSide } from "./side.ts";
import { counts, movesByState, type Outcome, percentile, shortfalls } from "./verdict.ts";

await runCommand({ name: "handover", usage: USAGE, read: readArguments, run });

async function run(settings: Settings): Promise<number> {
	const limit = settings.check ? 55_000 : 540_000;
	const children: ChildProcess[] = [];
	const end = (): void => {
		for (const child of children) child.kill("SIGKILL");
	};
	process.once("exit", end);
	try {
		const outcome = await load(settings, children, limit);
		return report(outcome);
	} finally {
		end();
	}
}

async function load(settings: Settings, children: ChildProcess[], limit: number): Promise<Outcome> {
	const start = async (program: string): Promise<ChildProcess> => {
		const child = fork(fileURLToPath(new URL(program, import.meta.url)), { execArgv: ["--conditions=source"] });
		children.push(child);
		await answer(child, "ready", limit);
		return child;
	};
	const worker = await start("worker.ts");
	const clients = await start("clients.ts");
	const { server, found } = await startSide(worker as unknown as Peer);
	const { address } = server;
	if (address.transport !== "tcp") throw new Error("the server does not listen on TCP");
	const plans = plansOf(settings);
	const ask = async <T>(
		child: ChildProcess,
		request: ClientsRequest | { ask: "found" },
		wanted: string,
	): Promise<T> => {
		const answered = answer(child, wanted, limit);
		child.send(request);
		return (await answered) as T;
	};
	const seen = await ask<Outcome["clients"]>(clients, { ask: "run", port: address.port, plans }, "clients");
	const there = await ask<SideFound>(worker, { ask: "found" }, "found");
	const moves = [...found.moves, ...there.moves];
	const flight = await ask<number>(clients, { ask: "flight", moves }, "flight");
	return { sides: [found, there], clients: seen, flight, connections: plans.length };
}

/** Every other connection is compressed. */
function plansOf({ connections, messages, moves }: Settings): Plan[] {
	const plans: Plan[] = [];
	for (const kind of KINDS)
		for (let i = 0; i < connections[kind]; i++)
			plans.push({ id: plans.length, kind, compression: i % 2 === 1, messages: messages[kind], moves });
	return plans;
}

function answer(child: ChildProcess, wanted: string, limit: number): Promise<unknown> {
	return new Promise((resolve, reject) => {
		const late = (): void => reject(new Error(`no answer "${wanted}" within ${limit} ms`));
		const timer = setTimeout(late, limit);
		child.on("message", (message: Record<string, unknown>) => {
			if (!(wanted in message)) return;
			clearTimeout(timer);
			resolve(message[wanted]);
		});
		child.once("exit", (code, signal) => reject(new Error(`a process has ended: ${signal ?? code}`)));
	});
}

function report(outcome: Outcome): number {
	const short = shortfalls(outcome);
	for (const [state, moves] of movesByState(outcome)) console.log(`${String(moves).padStart(6)} moves: ${state}`);
	for (const each of short) console.log(`falls short: ${each}`);
	const { messages, lost, repeated, disordered, torn } = counts(outcome);
	const all = outcome.sides.flatMap((side) => side.times);
	for (const kind of KINDS) {
		const own = all.filter((each) => each.kind === kind).map(({ time }) => time);
		console.log(
			`moves of ${kind} peers: p50 ${percentile(own, 0.5).toFixed(1)} ms, p99 ${percentile(own, 0.99).toFixed(1)} ms`,
		);
	}
	const times = all.map(({ time }) => time);
	const moves = outcome.sides.reduce((sum, side) => sum + side.moves.length, 0);
	const silence = outcome.clients.reduce((most, each) => Math.max(most, each.silence), 0);
	console.log(
		`${messages} messages: lost ${lost}, repeated ${repeated}, out of order ${disordered}, torn ${torn}; ${moves} moves of ` +
			`${outcome.connections} connections, ${outcome.flight} with bytes under way both ways, p50 ${percentile(times, 0.5).toFixed(1)} ms, ` +
			`p99 ${percentile(times, 0.99).toFixed(1)} ms; longest silence of a fast peer ${silence.toFixed(0)} ms; ` +
			`${short.length === 0 ? "holds" : `${short.length} fall short`}`,
	);
	return short.length > 0 ? 1 : 0;
}
