import {
	type ClientReport,
	type ClientTask,
	connectionName,
	type EndReport,
	type ServerReport,
} from "./exchange/lines.ts";
import type { Program } from "./program.ts";
import type { Role } from "./runtimes.ts";

/** What a row asks of a client beyond opening a connection. */
export type Conversation = Partial<Omit<ClientTask, "id" | "url">>;

let connections = 0;

/** A name for a connection, and the URL that carries it to the server. */
export function connectionTo(port: number, target: string): { id: string; url: string } {
	const url = new URL(target, `ws://127.0.0.1:${port}`);
	const id = `${++connections}`;
	url.searchParams.set("id", id);
	return { id, url: url.href };
}

/** Has the client open a connection and do the task on it, from the opening handshake to the end. */
export function converse(client: Program, port: number, target: string, task: Conversation): Promise<ClientReport> {
	return client.perform({
		protocols: [],
		ping: false,
		send: [],
		fragmented: false,
		expect: 0,
		expectOctets: null,
		close: null,
		...task,
		...connectionTo(port, target),
	});
}

/** A client and a server that speak to each other. At least one of them is ours. */
export class Pair {
	private readonly client: Program;
	private readonly server: Program;
	/** Which end is the peer. */
	readonly peer: Role;
	private readonly ours: readonly Role[];

	/** `ours`: the ends that are held to more; the peer may be one of them. */
	constructor(client: Program, server: Program, peer: Role, ours: readonly Role[]) {
		this.client = client;
		this.server = server;
		this.peer = peer;
		this.ours = ours;
	}

	/** One connection as both of its ends tell it. */
	async converse(target: string, task: Conversation): Promise<{ client: ClientReport; server: ServerReport }> {
		const client = await converse(this.client, await this.server.port(), target, task);
		return { client, server: await this.server.connection(connectionName(client.id, client.protocol)) };
	}

	/** What this end tells of a closing handshake that went as it should. */
	closedBy(begunBy: Role, end: Role): Partial<EndReport> {
		if (!this.ours.includes(end)) return {};
		return { wasClean: true, by: end === begunBy ? "local" : "peer", stage: "closed" };
	}
}
