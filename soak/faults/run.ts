import { fileURLToPath } from "node:url";
import { startChild } from "../../bench/children.ts";
import { type Runtime, serverCommand } from "../../bench/runtimes.ts";
import { formatTable } from "../../scripts/table.ts";
import { hasNamespaces, inNamespace } from "./namespace.ts";
import type { RowReply, RowRequest } from "./protocol.ts";
import { NAMESPACE_ROWS, ROWS, type RowName } from "./rows.ts";

/** A row that was made. */
interface Made extends RowReply {
	readonly row: RowName;
	readonly runtime: Runtime;
}

const START_LIMIT = 60_000;
/** Beyond the time after which a process itself says that a row hangs. */
const ANSWER_LIMIT = 120_000;

/** Makes all rows that this machine allows, on each runtime, and prints them. Resolves with the exit code. */
export async function runFaults(runtimes: readonly Runtime[], short: boolean): Promise<number> {
	const namespaces = hasNamespaces();
	if (!namespaces)
		console.log("No network namespace of its own (unshare, ip, tc, and the right to use them): no packets are lost.");
	const made: Made[] = [];
	for (const runtime of runtimes) {
		made.push(...(await makeAll(runtime, Object.keys(ROWS) as RowName[], short, (command) => command)));
		if (namespaces)
			made.push(...(await makeAll(runtime, Object.keys(NAMESPACE_ROWS) as RowName[], short, inNamespace)));
	}
	const head = ["", "runtime", "took ms", "at most", "files", "", "verdict"];
	console.log(formatTable("Faults", [head, ...made.map(cells)]));
	const fallen = made.filter((each) => shortfall(each) !== null).length;
	const closest = made.reduce((most, { took, limit }) => Math.max(most, took / limit), 0);
	console.log(
		`${made.length} rows, the closest took ${(closest * 100).toFixed(0)} % of its time, ${fallen === 0 ? "all held: pass" : `${fallen} fell short: FAIL`}`,
	);
	return fallen === 0 ? 0 : 1;
}

async function makeAll(
	runtime: Runtime,
	rows: readonly RowName[],
	short: boolean,
	wrap: (command: readonly string[]) => readonly string[],
): Promise<Made[]> {
	const program = fileURLToPath(new URL(`./${runtime}.ts`, import.meta.url));
	const child = startChild({
		name: `faults on ${runtime}`,
		command: wrap(serverCommand(runtime, program)),
		part: "server",
	});
	await child.line(START_LIMIT);
	const made: Made[] = [];
	try {
		for (const row of rows) {
			// Our own program answers so.
			const make = async () => (await child.ask({ row, short } satisfies RowRequest, ANSWER_LIMIT)) as RowReply;
			const first = await make();
			// A runtime opens some files when it needs them first, and keeps them. What leaks grows again.
			const reply = first.files[1] > first.files[0] && first.error === null ? await make() : first;
			const error = reply.error ?? (child.errors() === "" ? null : `it said: ${child.errors().trimEnd()}`);
			made.push({ row, runtime, ...reply, error });
			console.log(cells(made.at(-1)!).join(", "));
		}
	} finally {
		child.end();
	}
	return made;
}

/** What falls short, in a few words; null: nothing does. */
function shortfall({ took, limit, files: [before, after], error }: RowReply): string | null {
	if (error !== null) return error;
	if (took > limit) return "too late";
	return after > before ? `${after - before} files left open` : null;
}

function cells(made: Made): string[] {
	const { row, runtime, took, limit, files, note } = made;
	return [row, runtime, took.toFixed(0), limit.toFixed(0), files.join(" → "), note, shortfall(made) ?? "held"];
}
