// Three servers with 300 sockets each share their topics over a real broker: every subscriber gets exactly its messages. Then the
// broker is stopped under publishing. backplane/README.md says what is measured.
import { runCommand } from "../bench/command.ts";
import { readArguments, type Settings, USAGE } from "./arguments.ts";
import { measure } from "./run.ts";
import { figures, shortfalls } from "./verdict.ts";

await runCommand({ name: "backplane", usage: USAGE, read: readArguments, run });

async function run(settings: Settings): Promise<number> {
	const lines: string[] = [];
	let failed = 0;
	for (const broker of settings.brokers) {
		const result = await measure(broker, settings);
		if (result === null) {
			lines.push(`${broker}: skipped, it is not on this machine`);
			continue;
		}
		for (const shortfall of shortfalls(result)) {
			failed++;
			console.log(`${broker}: ${shortfall}`);
		}
		lines.push(figures(result));
		console.log(lines.at(-1));
	}
	console.log(lines.join(" | "));
	return failed > 0 ? 1 : 0;
}
