import process from "node:process";
import type { Context, Driver } from "@barewire/endpoint/driving";

type Flushed = Pick<Driver<undefined>, "waiting" | "drained" | "flush">;

const contexts: Context<undefined>[] = [];
let isExiting = false;

/** Whether the process ends within this turn: nothing that is left for the end of the turn is done any more. */
export function processIsExiting(): boolean {
	return isExiting;
}

/** What the connections of this context have sent in the turn in which the process exits is given to the system before. */
export function flushAtExit(context: Context<undefined>): void {
	// A program that only requires the package gets no listener.
	if (contexts.length === 0) process.on("exit", flushAll);
	contexts.push(context);
}

function flushAll(): void {
	isExiting = true;
	for (const { drivers, turn } of contexts) {
		turn.becomeLast();
		for (const driver of drivers) flushWhole(driver);
	}
}

/**
 * Flushes although the stream has said that it has no room: the event that tells of room would not come any more, and often the system has
 * taken all the same. What it has not taken is lost, as with ws.
 */
export function flushWhole(driver: Flushed): void {
	for (let waiting = driver.waiting, last = Infinity; waiting > 0 && waiting < last; waiting = driver.waiting) {
		last = waiting;
		driver.drained();
		driver.flush();
	}
}
