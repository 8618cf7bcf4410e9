import type { Server, Socket } from "@barewire/transport-node";
import { acceptQueueLength } from "./accept-queue.ts";
import { place } from "./five-tuple.ts";
import type { Entry, Ledger } from "./ledger.ts";

/** What the server knows of each WebSocket: `socket.data`. */
export interface Visitor {
	readonly entry: Entry;
	/** A page shows the whole server; any other socket hears only the value and its notes. */
	readonly isPage: boolean;
}

/** Pages are told at most so often. */
const STATE_EVERY_MS = 200;
const VALUE_EVERY_MS = 50;
/** A page shows so many connections; it is told the number of the others. */
const SHOWN = 100;

/** What goes out to many: the state of the server to the pages, and the value to everybody. */
export class Broadcasts {
	value: number = 42;
	readonly #server: Server<Visitor>;
	readonly #ledger: Ledger;
	readonly #backlog: number;
	#stateTimer: NodeJS.Timeout | null = null;
	#valueTimer: NodeJS.Timeout | null = null;
	#changedBy: Entry | null = null;
	#longestQueue = 0;

	constructor(server: Server<Visitor>, ledger: Ledger, backlog: number) {
		this.#server = server;
		this.#ledger = ledger;
		this.#backlog = backlog;
	}

	/** Tells a new socket who it is, and what the value is by now. */
	welcome(socket: Socket<Visitor>): void {
		const { entry, isPage } = socket.data;
		socket.subscribe("value");
		socket.send(JSON.stringify({ type: "you", id: entry.id }));
		socket.send(JSON.stringify({ type: "value", value: this.value, by: null }));
		if (!isPage) return;
		socket.subscribe("state");
		socket.send(this.#state());
	}

	/** Changes the value. However often that happens, the sockets hear of it at most every `VALUE_EVERY_MS`. */
	change(value: number, by: Entry): void {
		this.value = value;
		this.#changedBy = by;
		this.#valueTimer ??= setTimeout(() => this.#publishValue(), VALUE_EVERY_MS).unref();
	}

	/** Something on the server has changed: the pages will be told soon. */
	stateChanged(): void {
		this.#stateTimer ??= setTimeout(() => this.publishState(), STATE_EVERY_MS).unref();
	}

	/** Tells the pages at once. */
	publishState(): void {
		if (this.#stateTimer !== null) clearTimeout(this.#stateTimer);
		this.#stateTimer = null;
		if ([...this.#server.sockets].some((socket) => socket.data.isPage)) this.#server.publish("state", this.#state());
	}

	/** The length of the accept queue at this moment. */
	queue(): number | null {
		const { address } = this.#server;
		const length = address.transport === "tcp" ? acceptQueueLength(address.port) : null;
		this.#longestQueue = Math.max(this.#longestQueue, length ?? 0);
		return length;
	}

	#publishValue(): void {
		this.#valueTimer = null;
		const by = this.#changedBy;
		const count = this.#server.publish(
			"value",
			JSON.stringify({ type: "value", value: this.value, by: by?.id ?? null }),
		);
		this.#ledger.counters.sent += count;
		for (const socket of this.#server.sockets) socket.data.entry.sent++;
		this.#ledger.note(
			"broadcast",
			by,
			`the value is ${this.value}: told to ${count} WebSocket${count === 1 ? "" : "s"}`,
		);
	}

	#state(): string {
		const { counters, open, entries, happenings } = this.#ledger;
		const shown = entries.slice(-SHOWN);
		return JSON.stringify({
			type: "state",
			listening: {
				address: place(this.#server.address),
				backlog: this.#backlog,
				queue: this.queue(),
				longest: this.#longestQueue,
			},
			counters: { ...counters, open },
			hidden: entries.length - shown.length,
			connections: shown.map(({ id, local, remote, speaks, requests, received, sent, last, closed }) => ({
				id,
				local,
				remote,
				speaks,
				requests,
				received,
				sent,
				last,
				closed,
			})),
			happenings,
		});
	}
}
