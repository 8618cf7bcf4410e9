// Runs a server, whose program is named by PROGRAM, with a clock for its event loop beside it.
import process from "node:process";
import { pathToFileURL } from "node:url";

/** The clock's period, in milliseconds. */
const PERIOD = 5;

let longest = 0;
let last = performance.now();

function look(): void {
	const now = performance.now();
	longest = Math.max(longest, now - last - PERIOD);
	last = now;
}

setInterval(look, PERIOD).unref();

// How late the clock was at the most since the last question: a timer waits for the turn that runs.
process.on("message", (message) => {
	if (message !== "turn") return;
	look();
	process.send?.({ turn: longest });
	longest = 0;
});
process.channel?.unref();

await import(pathToFileURL(process.env.PROGRAM ?? "").href);
