import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { run } from "../command.ts";
import type { PublicPackage } from "../public-packages.ts";
import { ROOT } from "../repository.ts";
import { RUNTIMES, type RuntimeName, runtimeCommand } from "../runtime-command.ts";
import { type Checked, checked } from "./checked.ts";

/** Runs the examples of the READMEs as they are printed, in a project that has the packages installed. */
export async function checkReadmes(packages: readonly PublicPackage[], project: string): Promise<Checked[]> {
	const done: Checked[] = [];
	for (const { name, folder } of packages) {
		const [, adapter] = name.split("transport-");
		const runtimes = RUNTIMES.filter((runtime) => adapter === undefined || adapter === "web" || adapter === runtime);
		const blocks = examples(join(folder, "README.md"));
		if (blocks.length === 0) done.push({ check: `${name}: README.md`, findings: ["there is no example"] });
		for (const [index, code] of blocks.entries()) {
			const title = `${name}: README.md, example ${index + 1}`;
			for (const runtime of runtimes) done.push(await runExample(title, code, printed(code), runtime, project));
		}
	}
	for (const runtime of RUNTIMES) done.push(...(await checkFrontPage(runtime, project)));
	return done;
}

/** The server of the first screen, and the server and the client of the sections of that name, which talk to each other. */
async function checkFrontPage(runtime: RuntimeName, project: string): Promise<Checked[]> {
	const [first, server, client] = examples(join(ROOT, "README.md"));
	const close = "await server.close();";
	const ask = 'console.log(await (await fetch("http://127.0.0.1:8080/")).text());';
	// All that changes is the name of the package, as the page says.
	const written = (...parts: unknown[]): string =>
		parts.join("\n").replaceAll("@barewire/transport-node", `@barewire/transport-${runtime}`);
	return [
		await runExample(
			"README.md: the first server",
			written(first, ask, close),
			["listening on", "plain HTTP on the same port"],
			runtime,
			project,
		),
		await runExample(
			"README.md: a server and a client",
			written(server, client, close),
			["ann: hello", "round trip:", "code: 1000", "ann left (1000"],
			runtime,
			project,
		),
	];
}

/** The blocks of TypeScript in a file. */
function examples(file: string): string[] {
	return [...readFileSync(file, "utf8").matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code]) => code!);
}

/** What an example says that it prints, where it says so literally. */
function printed(code: string): string[] {
	return [...code.matchAll(/console\.log\(message\); \/\/ (.+)$/gm)].map(([, text]) => text!);
}

async function runExample(
	title: string,
	code: string,
	texts: readonly string[],
	runtime: RuntimeName,
	project: string,
): Promise<Checked> {
	const file = "example.ts";
	// Another program may have the port of the page: that is the one thing that is not run as it is printed.
	writeFileSync(join(project, file), code.replaceAll("8080", String(await freePort())));
	const { command, args } = runtimeCommand(runtime, file);
	const { ok, output } = run(command, args, project);
	const missing = texts.filter((text) => !output.includes(text)).map((text) => `did not print: ${text}\n`);
	return checked(`${title}, on ${runtime}`, {
		ok: ok && missing.length === 0,
		output: `${missing.join("")}${output}`,
	});
}

function freePort(): Promise<number> {
	const server = createServer();
	return new Promise((resolve, reject) => {
		server.once("error", reject);
		server.listen(0, "127.0.0.1", () => {
			const { port } = server.address() as { port: number };
			server.close(() => resolve(port));
		});
	});
}
