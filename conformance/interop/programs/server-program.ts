import type { DeflateParameters } from "../exchange/deflate.ts";
import type { ListenTask } from "../exchange/lines.ts";
import { readLines, tell } from "./standard-streams.ts";

/** A server of whatever make that listens. */
export interface ListeningServer {
	readonly port: number;
	/** Closes it, with all of its connections. */
	close(): unknown;
}

/** Resolves when the server listens. `deflate`: what to ask for, by those who can ask; null: it does not compress. */
export type Listen = (deflate: DeflateParameters | null) => Promise<ListeningServer>;

/** Listens, and wherever else the standard input says, until its end. */
export async function runServer(listen: Listen): Promise<void> {
	const started: Promise<ListeningServer>[] = [];
	const start = (id: string, deflate: DeflateParameters | null): void => {
		const server = listen(deflate);
		started.push(server);
		server.then(
			({ port }) => tell({ id, port }),
			(error: unknown) => tell({ id, failed: String(error) }),
		);
	};
	start("listening", null);
	await readLines((line) => {
		const { id, deflate } = JSON.parse(line) as ListenTask;
		start(id, deflate);
	});
	for (const server of await Promise.allSettled(started)) if (server.status === "fulfilled") await server.value.close();
}
