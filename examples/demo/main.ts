import { play } from "./check/play.ts";
import { STEPS } from "./check/steps.ts";
import { startDemo } from "./demo.ts";
import { place } from "./five-tuple.ts";

const USAGE = "usage: demo [--check]   (environment: HOST, default 127.0.0.1; PORT, default 8080)";

async function main(args: readonly string[]): Promise<void> {
	const unknown = args.find((argument) => argument !== "--check");
	if (unknown !== undefined) return fail(`unknown argument ${JSON.stringify(unknown)}\n${USAGE}`);
	const { HOST = "127.0.0.1", PORT = "8080" } = process.env;
	if (args.length > 0) {
		process.exitCode = await play(STEPS, () => startDemo({ hostname: "127.0.0.1", port: 0 }, () => {}), console.log);
		return;
	}
	if (!/^\d{1,5}$/.test(PORT)) return fail(`PORT must be a number from 0 to 65535, not ${JSON.stringify(PORT)}`);
	try {
		const demo = await startDemo({ hostname: HOST, port: Number(PORT) }, console.log);
		console.log(`\n  open http://${place(demo.server.address)}/ in a browser, or in several; Ctrl-C ends it\n`);
		stopOn(["SIGINT", "SIGTERM"], () => demo.close());
	} catch (error) {
		fail(error instanceof Error ? error.message : String(error));
	}
}

function stopOn(signals: readonly NodeJS.Signals[], stop: () => Promise<unknown>): void {
	let stopping = false;
	for (const signal of signals)
		process.on(signal, () => {
			// Whoever asks twice is in a hurry.
			if (stopping) process.exit(1);
			stopping = true;
			void stop().then(() => process.exit(0));
		});
}

function fail(line: string): void {
	console.error(line);
	process.exitCode = 1;
}

await main(process.argv.slice(2));
