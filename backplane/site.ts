// One server with its clients, in a process of its own. The arguments: its number, the kind of broker, and its port.

import process from "node:process";
import type { Gap, Socket } from "@barewire/endpoint";
import { connect, serve } from "@barewire/transport-node";
import { KINDS } from "../conformance/backplane/brokers/kinds.ts";
import type { Answer, Command, Flood, Report } from "./messages.ts";
import { encodeMessage, Numbers } from "./numbers.ts";
import { BURST, deliveries, SOCKETS, subscribers, TOPICS, topicName, topicOfBurst, topicsOf } from "./schedule.ts";

const site = Number(process.argv[2]);
const kind = KINDS.find(({ name }) => name === process.argv[3]);
if (kind === undefined) throw new Error("there is no such kind of broker");
const backplane = kind.backplane(Number(process.argv[4]));

const gaps: Gap[] = [];
const subscribed: Promise<void>[] = [];
const next = new Uint32Array(TOPICS);
let opened = 0;
let arrived = 0;
let wanted = 0;
let reached: () => void = () => {};

const server = await serve({
	port: 0,
	hostname: "127.0.0.1",
	backplane,
	gap: (gap) => void gaps.push(gap),
	open(socket) {
		// The clients connect one after the other.
		for (const topic of topicsOf(opened++)) subscribed.push(socket.subscribe(topicName(topic)));
	},
});
const { address } = server;
if (address.transport !== "tcp") throw new Error("it does not listen on TCP");

const all: Numbers[] = [];
const clients: Socket[] = [];
for (let number = 0; number < SOCKETS; number++) {
	const numbers = new Numbers(topicsOf(number));
	all.push(numbers);
	const client = await connect(`ws://127.0.0.1:${address.port}/`, {
		message(_, message) {
			if (typeof message === "string") throw new Error("a text");
			numbers.add(message);
			arrived++;
			if (arrived === wanted) reached();
		},
	});
	clients.push(client);
}

function publish(burst: number): void {
	const topic = topicOfBurst(site, burst);
	for (let count = 0; count < BURST; count++) {
		server.publish(topicName(topic), encodeMessage(site, topic, next[topic] as number));
		next[topic] = (next[topic] as number) + 1;
	}
}

/** Resolves when so many messages have arrived since the start. */
function arrival(number: number): Promise<void> {
	wanted = number;
	if (arrived >= number) return Promise.resolve();
	return new Promise((resolve) => {
		reached = resolve;
	});
}

async function round(first: number, last: number): Promise<void> {
	const done = arrival(wanted + deliveries(first, last));
	for (let burst = first; burst < last; burst++) {
		publish(burst);
		await new Promise((resolve) => setImmediate(resolve));
	}
	await done;
}

async function flood(milliseconds: number, start: number): Promise<Flood> {
	const counts = subscribers();
	const before = process.memoryUsage().rss;
	const [end, from] = [Date.now() + milliseconds, arrived];
	let [burst, sum, highest] = [start, 0, before];
	for (; Date.now() < end; burst++) {
		const done = arrival(wanted + BURST * (counts[topicOfBurst(site, burst)] as number));
		sum += BURST * (counts[topicOfBurst(site, burst)] as number);
		publish(burst);
		await done;
		if (burst % 64 === 0) highest = Math.max(highest, process.memoryUsage().rss);
	}
	return { bursts: burst - start, local: arrived - from, wanted: sum, growth: highest - before };
}

function report(): Report {
	const sum = (value: (numbers: Numbers) => number): number => all.reduce((total, each) => total + value(each), 0);
	return {
		came: sum(({ came }) => came),
		missing: sum(({ missing }) => missing),
		wrong: sum(({ wrong }) => wrong),
		reported: reportedDeliveries(),
		unknown: gaps.filter(({ missed }) => missed === null).length,
		gaps: gaps.length,
		dropped: backplane.stats.dropped,
		status: backplane.status,
	};
}

/** A gap counts a message once; it is missing at each socket of its topic. */
function reportedDeliveries(): number {
	const counts = subscribers();
	const byName = new Map(counts.map((count, topic) => [topicName(topic), count]));
	return gaps.reduce((sum, { topic, missed }) => sum + (missed ?? 0) * (byName.get(topic) ?? 0), 0);
}

function answer(content: Answer): void {
	process.send?.(content);
}

async function run(command: Command): Promise<void> {
	switch (command.do) {
		case "round":
			await round(command.first, command.last);
			return answer({ is: "done" });
		case "flood":
			return answer({ is: "flooded", flood: await flood(command.milliseconds, command.burst) });
		case "report":
			return answer({ is: "report", report: report() });
		case "stop":
			for (const client of clients) client.terminate();
			await server.close({ deadline: 0 });
			process.disconnect();
	}
}

await Promise.all(subscribed);
process.on("message", (command: Command) => void run(command));
answer({ is: "ready" });
