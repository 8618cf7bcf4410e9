import process from "node:process";
import { createInterface } from "node:readline";

/** Writes one line of JSON for the tests to read. */
export function tell(report: object): void {
	process.stdout.write(`${JSON.stringify(report)}\n`);
}

/** Calls back with each line of the standard input; resolves at its end. */
export function readLines(line: (line: string) => void): Promise<void> {
	const lines = createInterface({ input: process.stdin });
	lines.on("line", line);
	return new Promise((resolve) => lines.once("close", () => resolve()));
}
