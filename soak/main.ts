// Has clients come and go on the three runtimes at once and looks whether anything grows; or breaks, slows and silences the links
// between client and server, and looks whether each end finds out. soak/README.md says what is measured.
import { loadavg } from "node:os";
import { runCommand } from "../bench/command.ts";
import { versionOf } from "../bench/runtimes.ts";
import { readArguments, type Settings, USAGE } from "./arguments.ts";
import { churn } from "./churn.ts";
import { runFaults } from "./faults/run.ts";
import { formatLives, formatSample, formatShortfalls, formatWays, summary } from "./report.ts";
import { shortfalls } from "./verdict.ts";

await runCommand({ name: "soak", usage: USAGE, read: readArguments, run });

async function run({ minutes, check, runtimes }: Settings): Promise<number> {
	console.log(`${runtimes.map(versionOf).join(", ")}; load of the machine ${loadavg()[0]!.toFixed(2)}`);
	return minutes === null ? runFaults(runtimes, check) : soak(runtimes, minutes);
}

async function soak(runtimes: Settings["runtimes"], minutes: number): Promise<number> {
	const lives = await churn(runtimes, minutes, (samples) => console.log(formatSample(samples)));
	console.log(`\n${formatLives(lives)}\n${formatWays(lives)}\n${formatShortfalls(lives)}`);
	console.log(summary(lives, minutes));
	return lives.some((life) => shortfalls(life).length > 0) ? 1 : 0;
}
