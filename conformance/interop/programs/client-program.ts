import type { DeflateParameters } from "../exchange/deflate.ts";
import type { ClientReport, ClientTask, EndReport, ExtensionsReport } from "../exchange/lines.ts";
import { digestOf, fragmentsOf, messageOf } from "../exchange/messages.ts";
import { readLines, tell } from "./standard-streams.ts";

/** A client of whatever make, with an open connection. */
export interface OpenClient {
	/** The subprotocol that was agreed on, or "". */
	readonly protocol: string;
	readonly extensions: ExtensionsReport;
	send(message: string | Uint8Array): void;
	/** Sends one message in fragments, if this client can. */
	sendFragments?(fragments: readonly (string | Uint8Array)[]): void;
	/** Resolves with the pong, if this client can send pings. */
	ping?(): Promise<unknown>;
	/** The next message, or null when none comes any more. */
	next(): Promise<string | Uint8Array | null>;
	close(code?: number, reason?: string): void;
	readonly closed: Promise<EndReport>;
}

/** Settles with the handshake. `deflate`: what to ask for, by those who can ask; null: as the client does it by itself. */
export type OpenConnection = (
	url: string,
	protocols: readonly string[],
	deflate: DeflateParameters | null,
) => Promise<OpenClient>;

/** Carries out the tasks on the standard input, those of several connections at once, until its end. */
export async function runClient(open: OpenConnection): Promise<void> {
	const running = new Set<Promise<void>>();
	await readLines((line) => {
		const task = JSON.parse(line) as ClientTask;
		const done = perform(open, task)
			.then(tell, (error: unknown) => tell({ id: task.id, failed: String(error) }))
			.finally(() => running.delete(done));
		running.add(done);
	});
	await Promise.all(running);
}

async function perform(open: OpenConnection, task: ClientTask): Promise<ClientReport> {
	const client = await open(task.url, task.protocols, task.deflate);
	if (task.ping) {
		if (client.ping === undefined) throw new Error("this client can't ping");
		await client.ping();
	}
	for (const spec of task.send) {
		if (!task.fragmented) client.send(messageOf(spec));
		else if (client.sendFragments === undefined) throw new Error("this client can't send fragments");
		else client.sendFragments(fragmentsOf(messageOf(spec)));
	}
	const messages: (string | Uint8Array)[] = [];
	let bytes = 0;
	while (task.expectBytes === null ? messages.length < task.expect : bytes < task.expectBytes) {
		const message = await client.next();
		if (message === null) break;
		messages.push(message);
		bytes += digestOf(message).length;
	}
	if (task.close !== null) client.close(task.close.code, task.close.reason);
	const end = await client.closed;
	const digests = task.expectBytes === null ? messages.map(digestOf) : [digestOf(messages.map(String).join(""))];
	const { protocol, extensions } = client;
	return { id: task.id, protocol, extensions, ponged: task.ping, messages: digests, end };
}
