// Mixed connections against one http.Server with Express on it and WebSockets attached: half ask for pages, half for an upgrade, and of those one in
// five is refused. Prints what the clients and the server have counted; exits with 1 where anything was lost.

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { type Done, ROUNDS, type Seen, type Task } from "./task.ts";

const PROCESSES = 4;

/** All of it takes some seconds. */
const LIMIT = 120_000;

const connections = Number(process.argv[2] ?? 5000);
if (!Number.isInteger(connections) || connections < 40 || connections % (PROCESSES * 10) !== 0) {
	console.error(`usage: main.ts [connections, a multiple of ${PROCESSES * 10}; default 5000]`);
	process.exit(2);
}

const start = (name: string): ChildProcess =>
	fork(new URL(name, import.meta.url), { execArgv: ["--conditions=source"] });
const server = start("server.ts");
const clients = Array.from({ length: PROCESSES }, () => start("clients.ts"));
const children = [server, ...clients];

const timer = setTimeout(() => {
	console.error(`not done within ${LIMIT / 1000} s`);
	stop(1);
}, LIMIT);

function stop(status: number): void {
	clearTimeout(timer);
	for (const child of children) child.kill();
	process.exit(status);
}

for (const child of children)
	child.once("exit", (code) => {
		console.error(`a process has ended with ${code}`);
		stop(1);
	});

/** Its next message, behind that one. */
async function ask<Answer>(child: ChildProcess, message: object): Promise<Answer> {
	const answer = once(child, "message");
	child.send(message);
	return ((await answer) as [Answer])[0];
}

/** What the server has seen, once it has noticed that no more are left. */
async function seenWith(left: number): Promise<Seen> {
	for (;;) {
		const seen = await ask<Seen>(server, {});
		if (seen.atOnce <= left) return seen;
	}
}

const [{ port }] = (await once(server, "message")) as [{ port: number }];
const refused = connections / 10;
const task: Task = { port, connections: connections / PROCESSES };
const begun = performance.now();
await Promise.all(clients.map((child) => ask<Done>(child, task)));
const met = performance.now();
const together = await seenWith(connections - refused);
const done = await Promise.all(clients.map((child) => ask<Done>(child, {})));
const over = performance.now();
const seen = await seenWith(0);

const sum = (count: (each: Done) => number): number => done.reduce((total, each) => total + count(each), 0);
const half = connections / 2;
const sockets = half - refused;
// Of each process's WebSockets, those with such a number ask for a page first.
const asking = Array.from({ length: task.connections }, (_, i) => i).filter(
	(i) => i % 2 === 1 && i % 10 !== 1 && i % 3 === 1,
);
const pages = half * ROUNDS + asking.length * PROCESSES;

/** What was counted on either side, and what it has to be. */
const rows: readonly (readonly [what: string, clients: number, server: number, wanted: number])[] = [
	["pages", sum((each) => each.pages), seen.pages, pages],
	["WebSockets let in", sum((each) => each.sockets), seen.opened, sockets],
	["messages sent back", sum((each) => each.echoes), seen.messages, sockets * ROUNDS],
	["upgrades refused, answer complete", sum((each) => each.refused), seen.refused, refused],
	["connections at once", sum((each) => each.held), together.atOnce, connections - refused],
	["ended in order", sum((each) => each.closed), half + seen.clean, connections - refused],
];
console.log(`${connections} connections from ${PROCESSES} processes, ${half} of them upgrades`);
console.log(`${"".padEnd(36)}${["clients", "server", "wanted"].map((name) => name.padStart(9)).join("")}`);
for (const [what, ...counts] of rows)
	console.log(`${what.padEnd(36)}${counts.map((count) => String(count).padStart(9)).join("")}`);
console.log(`met within ${Math.round(met - begun)} ms, parted within ${Math.round(over - met)} ms`);

const faults = done.flatMap((each) => each.faults);
for (const fault of faults.slice(0, 10)) console.log(`fault: ${fault}`);
const isLost = rows.some(([, ofClients, ofServer, wanted]) => ofClients !== wanted || ofServer !== wanted);
const failed = isLost || faults.length > 0 || seen.errors > 0;
console.log(
	failed ? `failed: ${faults.length} faults of clients, ${seen.errors} errors of the server` : "nothing was lost",
);
for (const child of children) child.removeAllListeners("exit");
stop(failed ? 1 : 0);
