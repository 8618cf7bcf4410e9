// Servers in workers, which share their topics over BroadcastChannel. The argument is the runtime. It prints a line of JSON
// for each answer, and takes a command from each line of its input.

import process from "node:process";
import { createInterface } from "node:readline";
import { isMainThread, parentPort, threadId, Worker, workerData } from "node:worker_threads";
import { broadcastChannelBackplane } from "@barewire/backplane-broadcast-channel";
import type { Connect, Serve } from "@barewire/endpoint";
import { type Command, runSite } from "./site.ts";

const SITES = 3;

interface Transport {
	readonly serve: Serve;
	readonly connect: Connect;
}

if (isMainThread) {
	const runtime = process.argv[2];
	const workers = Array.from({ length: SITES }, (_, site) => {
		const worker = new Worker(new URL(import.meta.url), { workerData: runtime });
		worker.on("message", (answer) => {
			console.log(JSON.stringify({ site, answer }));
			if (answer.is === "stopped") void worker.terminate();
		});
		return worker;
	});
	const input = createInterface({ input: process.stdin });
	input.on("line", (line) => {
		const { site, command } = JSON.parse(line) as { site: number; command: Command };
		workers[site]?.postMessage(command);
	});
} else {
	const transport = (await import(`@barewire/transport-${workerData}`)) as Transport;
	const commands: Command[] = [];
	let run: ((command: Command) => Promise<void>) | null = null;
	parentPort?.on("message", (command: Command) => {
		if (run === null) commands.push(command);
		else void run(command);
	});
	run = await runSite(String(threadId), transport, broadcastChannelBackplane(), (answer) =>
		parentPort?.postMessage(answer),
	);
	for (const command of commands) void run(command);
}
