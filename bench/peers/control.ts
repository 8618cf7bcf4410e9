// The part of a server that the bench talks to: collects garbage when it asks, and ends with the bench.
import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";

/** Some garbage becomes collectable only when the finalisers of an earlier collection have run. */
const COLLECTIONS = 4;

/** Answers with the bytes that the engine says are in use. `collect`: all that can be, and gives pages back to the system. `sweep`: what one ordinary collection finds, in little time. */
export function obeyBench(collect: () => unknown, sweep: () => void): void {
	process.on("message", async (message) => {
		if (message === "collect") {
			for (let i = 0; i < COLLECTIONS; i++) {
				await collect();
				await pause(50);
			}
		} else if (message === "sweep") sweep();
		else return;
		const { heapUsed, external } = process.memoryUsage();
		process.send?.({ used: heapUsed + external });
	});
	process.on("disconnect", () => process.exit());
	// Deno begins with the program only once nothing keeps alive what is loaded before it.
	process.channel?.unref();
}
