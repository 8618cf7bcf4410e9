import type { ClientCase } from "./cases.ts";
import { CLIENT_MARK } from "./cases.ts";
import { CLIENT_GROUPS } from "./client-groups.ts";
import { measureClients } from "./clients.ts";
import { type Mark, ratioMark } from "./marks.ts";
import type { Run } from "./report.ts";
import { compare, ownResult } from "./results.ts";
import type { Runtime } from "./runtimes.ts";

/** What a message and its echo cost a client. */
export async function runClient(runtime: Runtime, clientCase: ClientCase, run: Run): Promise<Mark> {
	const { id, title } = clientCase;
	const { contenders, references, reference } = CLIENT_GROUPS[runtime];
	const servers = compare(await measureClients(contenders, clientCase, run), references);
	run.report.compare({ runtime, id, title, unit: "CPU µs/message", servers });
	return ratioMark(`${runtime}, ${title}, by ${reference}`, CLIENT_MARK, ownResult(servers).ratio);
}
