// The subscribers, all in one process: fast ones, slow ones and those that never read.
import { setTimeout as pause } from "node:timers/promises";
import { answerRequests } from "../answering.ts";
import { inParallel } from "../attackers/sockets.ts";
import { Late } from "./late.ts";
import type { ReadersReply, ReadersRequest } from "./protocol.ts";
import { Subscriber } from "./subscriber.ts";
import { now } from "./value.ts";

/** So long a slow one may take to read what waits for it, in milliseconds. */
const PATIENCE = 20_000;
const LOOK_EVERY = 50;
/** More handshakes at once would wait for one another. */
const AT_ONCE = 20;

const subscribers: Subscriber[] = [];
let late = new Late();

answerRequests(perform);

async function perform(request: ReadersRequest): Promise<ReadersReply> {
	switch (request.ask) {
		case "open": {
			const { port, kind, count } = request;
			await inParallel(count, AT_ONCE, async () => {
				const subscriber = await Subscriber.open(port, kind);
				if (kind === "fast") subscriber.onValue = ({ time }) => late.add(now() - time);
				subscribers.push(subscriber);
			});
			return { done: true };
		}
		case "begin":
			late = new Late();
			return { done: true };
		case "arrived":
			return { values: late.count, p50: late.percentile(0.5), p99: late.percentile(0.99) };
		case "catchUp":
			return catchUp();
	}
}

async function catchUp(): Promise<ReadersReply> {
	const slow = subscribers.filter(({ kind }) => kind !== "fast");
	const fast = subscribers.filter(({ kind }) => kind === "fast");
	const begun = now();
	for (const subscriber of slow) subscriber.catchUp();
	const behind = (): number => slow.filter(({ hasEnded, lastTime }) => !hasEnded && lastTime < begun).length;
	while (behind() > 0 && now() < begun + PATIENCE) await pause(LOOK_EVERY);
	const sum = (of: readonly Subscriber[], number: (one: Subscriber) => number): number =>
		of.reduce((all, one) => all + number(one), 0);
	return {
		disorder: sum(subscribers, ({ disorder }) => disorder),
		missing: sum(fast, ({ missing }) => missing),
		missingSlow: sum(slow, ({ missing }) => missing),
		fastEnded: fast.filter(({ hasEnded }) => hasEnded).length,
		slow: slow.length,
		slowEnded: slow.filter(({ hasEnded }) => hasEnded).length,
		behind: behind(),
	};
}
