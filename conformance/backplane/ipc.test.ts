import { type ChildProcess, fork, type SerializationType } from "node:child_process";
import cluster from "node:cluster";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { IpcHub } from "@barewire/backplane-ipc";
import * as transport from "@barewire/transport-node";
import { afterEach, describe, expect, test } from "vitest";
import { Answers, checkSites, type RemoteSite } from "./check-sites.ts";
import { type Answer, type Command, runSite } from "./site.ts";

const CHILD = new URL("./child.ts", import.meta.url);

const children: ChildProcess[] = [];

afterEach(() => {
	for (const child of children.splice(0)) child.kill("SIGKILL");
});

interface Child extends RemoteSite {
	readonly process: ChildProcess;
}

function start(hub: IpcHub, serialization: SerializationType): Child {
	const child = fork(CHILD, { execArgv: ["--conditions=source"], serialization });
	hub.add(child);
	return siteOf(child);
}

/** A child that `node:cluster` starts, and manages. */
function startWorker(hub: IpcHub): Child {
	cluster.setupPrimary({ exec: fileURLToPath(CHILD), execArgv: ["--conditions=source"] });
	const worker = cluster.fork();
	hub.add(worker);
	return siteOf(worker.process);
}

function siteOf(process: ChildProcess): Child {
	children.push(process);
	const answers = new Answers();
	process.on("message", (message: { answer?: Answer }) => {
		if (message.answer !== undefined) answers.add(message.answer);
	});
	return {
		process,
		send: (command) => void process.send({ command }),
		next: (kind) => answers.next(kind),
	};
}

/** A server in this process. */
async function startHere(hub: IpcHub): Promise<RemoteSite> {
	const answers = new Answers();
	const run = await runSite("here", transport, hub.backplane(), (answer) => answers.add(answer));
	return { send: (command: Command) => void run(command), next: (kind) => answers.next(kind) };
}

describe("processes of one machine share their topics over IPC", () => {
	test("every message comes once and in order, over both kinds of channels and to the parent", async () => {
		const hub = new IpcHub();
		const sites = [start(hub, "json"), start(hub, "advanced"), startWorker(hub), await startHere(hub)];
		await checkSites(sites, 100);
		expect(hub.dropped).toBe(0);
		for (const site of sites) site.send({ do: "stop" });
		await Promise.all(sites.map((site) => site.next("stopped")));
		await Promise.all(children.map((child) => child.exitCode ?? once(child, "exit")));
		expect(children.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0]);
	});

	test("the end of a killed process is reported as a gap", async () => {
		const hub = new IpcHub();
		const [one, other] = [start(hub, "advanced"), start(hub, "advanced")];
		await checkSites([one, other], 1);
		other.process.kill("SIGKILL");
		expect((await one.next("gap")).gap).toMatchObject({ reason: "publisher-gone", missed: null });
		one.send({ do: "count" });
		expect((await one.next("counted")).count).toBe(1);
		one.send({ do: "stop" });
		await one.next("stopped");
	});
});
