// What an echo of socket.io costs its server on ws and on @barewire/ws, with 100 clients. Prints the CPU time of a message on both, and the ratio; with
// --check it exits 1 when that is above the mark. --quick: three short rounds. Needs the packages built, and a network.

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../scripts/command.ts";
import { packAll } from "../../scripts/package-checks/pack.ts";
import { publicPackages } from "../../scripts/public-packages.ts";
import { formatTable } from "../../scripts/table.ts";

const CLIENTS = 100;
/** What a message may cost of what it costs on ws. */
const MARK = 0.9;
const { rounds, messages } = process.argv.includes("--quick")
	? { rounds: 3, messages: 20 }
	: { rounds: 9, messages: 300 };

const DEPENDENCIES = { "socket.io": "4.8.4", "socket.io-client": "4.8.4" };
const WS = "8.23.0";
/** ws finds them by itself, and the server of ws makes sure that they are there. */
const ADD_ONS = { bufferutil: "4.1.0", "utf-8-validate": "6.0.6" };

/** A server, and what its messages have cost, by rounds. */
interface Contender {
	readonly name: string;
	readonly server: ChildProcess;
	readonly port: number;
	readonly costs: number[];
	/** What `programs/witness.cjs` says at the end. */
	printed: string;
}

const folder = mkdtempSync(join(tmpdir(), "barewire-socket.io-"));
const children: ChildProcess[] = [];
try {
	const [packed] = packAll(
		publicPackages().filter(({ name }) => name === "@barewire/ws"),
		folder,
	);
	if (packed === undefined) throw new Error("@barewire/ws is no package");
	const places = { ws: install("ws", WS, ADD_ONS), "barewire-ws": install("barewire-ws", `file:${packed.tarball}`) };
	const contenders = await Promise.all(Object.entries(places).map(([name, place]) => start(name, place)));
	// The same clients for both.
	const clients = fork(join(places.ws, "socket.io-clients.cjs"), { cwd: places.ws });
	children.push(clients);
	for (let round = -1; round < rounds; round++) {
		for (const { server, port, costs } of contenders) {
			await ask(clients, { port, clients: CLIENTS });
			const before = await microseconds(server);
			await ask(clients, { messages });
			const used = (await microseconds(server)) - before;
			// The first round is the compiler's.
			if (round >= 0) costs.push(used / (CLIENTS * messages));
		}
	}
	clients.kill();
	for (const { server } of contenders) {
		server.send("end");
		await once(server, "close");
	}
	report(contenders);
} finally {
	for (const child of children) child.kill();
	rmSync(folder, { recursive: true, force: true });
}

function install(name: string, ws: string, others: Readonly<Record<string, string>> = {}): string {
	const place = join(folder, name);
	mkdirSync(place);
	for (const file of ["socket.io-server.cjs", "socket.io-clients.cjs", "witness.cjs"])
		copyFileSync(join(import.meta.dirname, "programs", file), join(place, file));
	const manifest = { private: true, dependencies: { ...DEPENDENCIES, ...others }, overrides: { ws } };
	writeFileSync(join(place, "package.json"), JSON.stringify(manifest));
	// The add-ons bring their binaries along.
	const { ok, output } = run("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund"], place);
	if (!ok) throw new Error(output);
	return place;
}

async function start(name: string, place: string): Promise<Contender> {
	const server = fork(join(place, "socket.io-server.cjs"), {
		cwd: place,
		execArgv: ["--require", "./witness.cjs"],
		env: {
			...process.env,
			REQUIRED_BY: "engine.io",
			NODE_ENV: "production",
			...(name === "ws" ? { ADD_ONS: "1" } : null),
		},
		stdio: ["ignore", "pipe", "inherit", "ipc"],
	});
	children.push(server);
	const [{ port }] = (await once(server, "message")) as [{ port: number }];
	const contender: Contender = { name, server, port, costs: [], printed: "" };
	server.stdout?.setEncoding("utf8").on("data", (text: string) => {
		contender.printed += text;
	});
	return contender;
}

async function ask(child: ChildProcess, message: object | string): Promise<unknown> {
	const answer = once(child, "message");
	child.send(message);
	return (await answer)[0];
}

async function microseconds(server: ChildProcess): Promise<number> {
	return ((await ask(server, "usage")) as { microseconds: number }).microseconds;
}

function report(contenders: readonly Contender[]): void {
	const [ws, own] = contenders as [Contender, Contender];
	const ratio = median(own.costs.map((cost, round) => cost / (ws.costs[round] as number)));
	const rows = contenders.map((one) => {
		const { file, server } = JSON.parse(one.printed.replace(/^ws: /, "")) as { file: string; server: number };
		if (server < CLIENTS * rounds) throw new Error(`${one.name}: ${file} has had ${server} connections`);
		if (file.endsWith(join("dist", "index.cjs")) !== (one === own)) throw new Error(`${one.name} was ${file}`);
		return [one.name, median(one.costs).toFixed(1), one === ws ? "1.00" : ratio.toFixed(2), `${server}`];
	});
	const title = `Echo of socket.io, ${CLIENTS} clients, ${rounds} rounds`;
	console.log(formatTable(title, [["on", "CPU µs/message", "ratio", "connections"], ...rows]));
	console.log(`${ratio.toFixed(2)}, and at most ${MARK} is wanted: ${ratio <= MARK ? "ok" : "FAIL"}`);
	if (process.argv.includes("--check") && ratio > MARK) process.exitCode = 1;
}

function median(numbers: readonly number[]): number {
	return numbers.toSorted((a, b) => a - b)[numbers.length >> 1] as number;
}
