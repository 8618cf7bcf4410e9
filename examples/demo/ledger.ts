import type { Server } from "@barewire/transport-node";
import { type Ends, fiveTuple, place } from "./five-tuple.ts";

type View = Server<unknown>["connections"][number];

/** One connected socket, from its acceptance until some seconds after its end. */
export interface Entry {
	/** 1 for the first connection that the server accepted, and so on. */
	readonly id: number;
	readonly tuple: string;
	readonly local: string;
	readonly remote: string;
	speaks: View["speaks"];
	/** HTTP requests that came on it. */
	requests: number;
	/** WebSocket messages from and to the peer. */
	received: number;
	sent: number;
	/** What it did last. */
	last: string;
	/** How its WebSocket ended, once it has. */
	ending: string;
	closed: boolean;
}

/** What can happen on a server. */
export type Kind =
	| "listening"
	| "accepted"
	| "request"
	| "switched"
	| "message"
	| "broadcast"
	| "queue"
	| "closed"
	| "error";

export interface Happening {
	/** 1, 2, 3 …: none is missing. */
	readonly number: number;
	readonly kind: Kind;
	/** The connection's id, or null when it concerns the server. */
	readonly id: number | null;
	readonly text: string;
}

export interface Counters {
	accepted: number;
	requests: number;
	switches: number;
	received: number;
	sent: number;
}

const HAPPENINGS_KEPT = 30;
/** A page's own files come on many short HTTP connections: those are kept less long. */
const CLOSED_KEPT_MS: Readonly<Record<View["speaks"], number>> = { http: 2_500, websocket: 6_000 };
/** Closed connections beyond these are forgotten at once: a burst can't fill the memory. */
const CLOSED_KEPT = 40;

/** What has happened so far, in words and in numbers. */
export class Ledger {
	readonly counters: Counters = { accepted: 0, requests: 0, switches: 0, received: 0, sent: 0 };
	readonly #print: (line: string) => void;
	readonly #changed: () => void;
	readonly #open = new Map<string, Entry>();
	#closed: Entry[] = [];
	#happenings: Happening[] = [];
	#number = 0;

	/** `print` gets a line for each thing that happens; `changed` is called when anything here has changed. */
	constructor(print: (line: string) => void, changed: () => void) {
		this.#print = print;
		this.#changed = changed;
	}

	/** Compares the server's connections with what is written down: who came, who switched, who left. */
	observe(views: readonly View[]): void {
		const present = new Set<string>();
		for (const view of views) {
			const tuple = fiveTuple(view);
			present.add(tuple);
			let entry = this.#open.get(tuple);
			// WebSocket never turns back into HTTP: this is the next connection of a client that got the same port again.
			if (entry?.speaks === "websocket" && view.speaks === "http") {
				this.#gone(entry);
				entry = undefined;
			}
			entry ??= this.#accepted(view);
			if (entry.speaks !== view.speaks) this.#switched(entry);
		}
		for (const [tuple, entry] of this.#open) if (!present.has(tuple)) this.#gone(entry);
	}

	/** The open connection between these ends. */
	find(ends: Ends): Entry | undefined {
		return this.#open.get(fiveTuple(ends));
	}

	get open(): number {
		return this.#open.size;
	}

	/** The connections that are open, and those that closed some seconds ago, in the order in which they came. */
	get entries(): readonly Entry[] {
		return [...this.#open.values(), ...this.#closed].sort((a, b) => a.id - b.id);
	}

	get happenings(): readonly Happening[] {
		return this.#happenings;
	}

	/** Writes a line about the server, or about one connection. */
	note(kind: Kind, entry: Entry | null, text: string): void {
		if (entry !== null) entry.last = text;
		this.#number++;
		this.#happenings = [
			...this.#happenings.slice(1 - HAPPENINGS_KEPT),
			{ number: this.#number, kind, id: entry?.id ?? null, text },
		];
		const about = entry === null ? "" : `#${String(entry.id).padEnd(4)}${entry.tuple}  `;
		this.#print(`${kind.padEnd(10)}${about}${text}`);
		this.#changed();
	}

	#accepted(view: View): Entry {
		const entry: Entry = {
			id: ++this.counters.accepted,
			tuple: fiveTuple(view),
			local: place(view.local),
			remote: place(view.remote),
			speaks: "http",
			requests: 0,
			received: 0,
			sent: 0,
			last: "",
			ending: "",
			closed: false,
		};
		this.#open.set(entry.tuple, entry);
		this.note("accepted", entry, "begins as HTTP");
		return entry;
	}

	#switched(entry: Entry): void {
		entry.speaks = "websocket";
		this.counters.switches++;
		this.note("switched", entry, "101, speaks WebSocket from now on");
	}

	#gone(entry: Entry): void {
		this.#open.delete(entry.tuple);
		entry.closed = true;
		this.#closed = [...this.#closed.slice(1 - CLOSED_KEPT), entry];
		this.note("closed", entry, entry.ending || "the HTTP connection ended");
		setTimeout(() => {
			this.#closed = this.#closed.filter((other) => other !== entry);
			this.#changed();
		}, CLOSED_KEPT_MS[entry.speaks]).unref();
	}
}
