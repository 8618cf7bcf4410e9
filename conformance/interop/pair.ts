import { ALL_OF_DEFLATE, type DeflateTraits } from "./deflate/traits.ts";
import type { DeflateParameters } from "./exchange/deflate.ts";
import {
	type ClientReport,
	type ClientTask,
	connectionName,
	type EndReport,
	type ServerReport,
} from "./exchange/lines.ts";
import type { Program } from "./program.ts";
import type { Recording } from "./relay/recording.ts";
import { Relay } from "./relay/relay.ts";
import type { Role } from "./runtimes.ts";

/** What a row asks of a client beyond opening a connection. */
export type Conversation = Partial<Omit<ClientTask, "id" | "url">>;

/** What both ends tell of a connection. */
interface Reports {
	readonly client: ClientReport;
	readonly server: ServerReport;
}

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
		deflate: null,
		ping: false,
		send: [],
		fragmented: false,
		expect: 0,
		expectBytes: null,
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
	/** How each end compresses. */
	readonly deflate: Readonly<Record<Role, DeflateTraits>>;
	private readonly ours: readonly Role[];

	/** `ours`: the ends that are held to more; the peer may be one of them. */
	constructor(programs: Readonly<Record<Role, Program>>, peer: Role, ours: readonly Role[], traits: DeflateTraits) {
		this.client = programs.client;
		this.server = programs.server;
		this.peer = peer;
		this.ours = ours;
		this.deflate = { client: ALL_OF_DEFLATE, server: ALL_OF_DEFLATE, [peer]: traits };
	}

	/** One connection as both of its ends tell it. */
	async converse(target: string, task: Conversation): Promise<Reports> {
		return this.converseAt(await this.server.port(), target, task);
	}

	/** One connection on which both ends can compress, asking for this; and how it looked on the wire. */
	async compress(
		target: string,
		task: Conversation,
		{ client, server }: Readonly<Record<Role, DeflateParameters>>,
	): Promise<Reports & { recording: Recording }> {
		const relay = await Relay.listen(await this.server.compressingPort(server));
		try {
			const reports = await this.converseAt(relay.port, target, { ...task, deflate: client });
			return { ...reports, recording: await relay.recordings.next() };
		} finally {
			await relay.close();
		}
	}

	private async converseAt(port: number, target: string, task: Conversation): Promise<Reports> {
		const client = await converse(this.client, port, target, task);
		return { client, server: await this.server.connection(connectionName(client.id, client.protocol)) };
	}

	/** Whether this end is held to more. */
	isOurs(end: Role): boolean {
		return this.ours.includes(end);
	}

	/** What this end tells of a closing handshake that went as it should. */
	closedBy(begunBy: Role, end: Role): Partial<EndReport> {
		if (!this.isOurs(end)) return {};
		return { wasClean: true, by: end === begunBy ? "local" : "peer", stage: "closed" };
	}
}
