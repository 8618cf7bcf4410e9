import { setTimeout as pause } from "node:timers/promises";
import type { Runtime } from "../../bench/runtimes.ts";
import type { SlowPolicy } from "../../packages/endpoint/src/index.ts";
import type { Settings } from "./arguments.ts";
import { Feed } from "./feed.ts";
import type { Figures, Outcome } from "./figures.ts";
import { ReadersProcess } from "./readers-process.ts";

/** What a process has open besides the subscribers, and more. */
const OTHER_FILES = 1000;

/** What ends a connection is news before the end of the process that it has gone down with. */
const ENDING = 300;

/** How many files the server, and the process of the subscribers, may have open. */
export function openFiles({ subscribers }: Settings): number {
	return subscribers + OTHER_FILES;
}

/** Measures a policy on a runtime, first without slow subscribers and then with them: with processes of its own. */
export async function measure(runtime: Runtime, policy: SlowPolicy, settings: Settings): Promise<Outcome> {
	const readers = new ReadersProcess(openFiles(settings));
	const feed = await Feed.start(runtime, policy, openFiles(settings));
	try {
		return await measureFeed(feed, readers, settings);
	} catch (error) {
		await pause(ENDING);
		return { broken: feed.ending ?? (error instanceof Error ? error.message : String(error)) };
	} finally {
		readers.end();
		feed.end();
	}
}

async function measureFeed(
	feed: Feed,
	readers: ReadersProcess,
	{ subscribers, seconds, warmUp }: Settings,
): Promise<Figures> {
	const tenth = Math.floor(subscribers / 10);
	await readers.open(feed.port, "fast", subscribers - 2 * tenth);
	await pause(warmUp * 1000);
	await readers.begin();
	await pause(seconds * 1000);
	const quiet = await readers.arrived();
	await readers.open(feed.port, "slow", tenth);
	await readers.open(feed.port, "never", tenth);
	feed.guard.takePeak();
	await feed.fill();
	await feed.longestTurn();
	await feed.begin();
	await readers.begin();
	await pause(seconds * 1000);
	const during = await readers.arrived();
	const standing = await readers.catchUp();
	const turn = await feed.longestTurn();
	return { quiet, during, standing, turn, server: await feed.figures(), peak: feed.guard.takePeak() };
}
