// Drains a server of 10,000 sockets on each runtime, at once and spread, and looks at it from the clients' side. Their well-behaved
// clients connect to a successor, which notes when they come.
import { createServer, type Server } from "node:net";
import { fileURLToPath } from "node:url";
import { type Child, startChild } from "../../bench/children.ts";
import { runCommand } from "../../bench/command.ts";
import { withServer } from "../../bench/fleet.ts";
import { type Runtime, versionOf } from "../../bench/runtimes.ts";
import { readArguments, type Settings, USAGE } from "./arguments.ts";
import type { ClientsRequest, DrainRequest, Seen } from "./protocol.ts";
import { deviation, histogram, type Outcome, shortfalls } from "./verdict.ts";

const CONNECTIONS = 10_000;
const PROCESSES = 4;
const DEADLINE = 30_000;
const SPREADS = [0, 10_000];
/** For the connections of a server, and as many again that are just ending. */
const OPEN_FILES = 20_000;
const HUNG = 120_000;

await runCommand({ name: "drain", usage: USAGE, read: readArguments, run });

async function run({ check, runtimes }: Settings): Promise<number> {
	let falls = 0;
	const figures: string[] = [];
	for (const runtime of runtimes) {
		for (const spread of SPREADS) {
			const outcome = await drain(runtime, spread);
			const short = shortfalls(outcome);
			if (short.length > 0) falls++;
			const { counts, seen, took, arrivals } = outcome;
			console.log(
				`${versionOf(runtime)}, spread ${spread} ms: ${counts.clean} clean, ${counts.cut} cut, ${seen.reset} reset`,
			);
			const even = spread === 0 ? null : histogram(arrivals, spread);
			if (even !== null) console.log(`  reconnects by tenths: ${even.join(" ")}`);
			for (const each of short) console.log(`  falls short: ${each}`);
			const most = even === null ? "" : `, deviation ${(100 * deviation(even)).toFixed(1)} %`;
			figures.push(`${runtime}/${spread}: ${counts.clean}/${counts.cut}/${seen.reset} in ${took.toFixed(0)} ms${most}`);
		}
	}
	console.log(`clean/cut/reset of ${CONNECTIONS}: ${figures.join("; ")}; ${falls} fall short`);
	return check && falls > 0 ? 1 : 0;
}

async function drain(runtime: Runtime, spread: number): Promise<Outcome> {
	const program = path(`./servers/${runtime}.ts`);
	const arrivals: number[] = [];
	const { successor, port: to } = await listen(() => arrivals.push(performance.now()));
	const clients = Array.from({ length: PROCESSES }, startClients);
	try {
		return await withServer(
			{ name: `server on ${runtime}`, runtime, program, env: {}, compression: false },
			async ({ port, child }) => {
				await Promise.all(clients.map((each) => each.line(HUNG)));
				const open: ClientsRequest = { ask: "open", port, successor: to, count: CONNECTIONS / PROCESSES };
				await Promise.all(clients.map((each) => each.ask(open, HUNG)));
				const begin = performance.now();
				const request: DrainRequest = { ask: "drain", deadline: DEADLINE, spread };
				// Our own programs answer so.
				const counts = (await child.ask(request, HUNG)) as Outcome["counts"];
				const took = performance.now() - begin;
				const report: ClientsRequest = { ask: "report" };
				const all = (await Promise.all(clients.map((each) => each.ask(report, HUNG)))) as Seen[];
				const sum = (name: keyof Seen): number => all.reduce((total, each) => total + each[name], 0);
				while (arrivals.length < sum("clean"))
					await new Promise<void>((resolve) => successor.once("connection", () => resolve()));
				const seen = { clean: sum("clean"), reset: sum("reset"), cut: sum("cut") };
				const times = arrivals.map((at) => at - begin);
				return { connections: CONNECTIONS, counts, seen, took, deadline: DEADLINE, spread, arrivals: times };
			},
			OPEN_FILES,
		);
	} finally {
		for (const each of clients) each.end();
		successor.close();
	}
}

function startClients(): Child {
	const command = [process.execPath, "--conditions=source", path("./clients.ts")];
	return startChild({ name: "clients", command, part: "generator", openFiles: OPEN_FILES });
}

/** The successor: it notes who comes, and sends everybody away. */
function listen(arrived: () => void): Promise<{ readonly successor: Server; readonly port: number }> {
	const successor = createServer((socket) => {
		arrived();
		socket.on("error", () => {});
		socket.destroy();
	});
	return new Promise((resolve) =>
		successor.listen({ host: "127.0.0.1", port: 0, backlog: 4096 }, () =>
			resolve({ successor, port: (successor.address() as { port: number }).port }),
		),
	);
}

function path(relative: string): string {
	return fileURLToPath(new URL(relative, import.meta.url));
}
