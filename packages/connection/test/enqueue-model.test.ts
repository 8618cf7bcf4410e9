import { encodeMessage } from "@barewire/framing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { connectionSettings, WebSocketConnection } from "../src/index.ts";
import { moved, rolling } from "./moving.ts";
import { type AnyEvent, random } from "./owner.ts";

// Random sends with and without keys, random drains: compared with the simplest model of what may arrive.

type Action =
	| { readonly do: "send" | "prepared" | "enqueue"; readonly key: string | null; readonly size: number }
	| { readonly do: "begin" | "fragment" | "last" | "ping" | "move" }
	| { readonly do: "drain"; readonly pieces: number };

const action: fc.Arbitrary<Action> = fc.oneof(
	{
		weight: 8,
		arbitrary: fc.record({
			do: fc.constantFrom("send", "prepared", "enqueue", "enqueue", "enqueue"),
			key: fc.constantFrom("a", "b", "c", null),
			size: fc.constantFrom(0, 1, 5_000),
		}),
	},
	{ weight: 3, arbitrary: fc.record({ do: fc.constantFrom("begin", "fragment", "last", "ping", "move") }) },
	{ weight: 4, arbitrary: fc.record({ do: fc.constant("drain" as const), pieces: fc.integer({ min: 1, max: 4 }) }) },
);

/** What was sent: its number, and the key by which it may have been replaced. */
interface Sent {
	readonly number: number;
	readonly key: string | null;
}

class Run {
	connection: WebSocketConnection;
	readonly sent: Sent[] = [];
	/** How many messages in fragments have begun, or have their place: the model's and the connection's. */
	open = 0;
	readonly #peer: WebSocketConnection;
	readonly arrived: number[] = [];
	readonly failures: AnyEvent[] = [];
	/** Bytes of output. */
	taken = 0;

	constructor(isExtended: boolean) {
		const extensions = () => (isExtended ? [rolling()] : []);
		const settings = connectionSettings({});
		this.connection = new WebSocketConnection({ role: "server", extensions: extensions() }, settings, 0);
		this.#peer = new WebSocketConnection({ role: "client", random, extensions: extensions() }, settings, 0);
	}

	#next(key: string | null): string {
		this.sent.push({ number: this.sent.length, key });
		return `${this.sent.length - 1} `;
	}

	do(action: Action): void {
		const { connection } = this;
		switch (action.do) {
			case "send":
				return connection.sendText(this.#next(null) + "x".repeat(action.size));
			case "prepared":
				return connection.sendPrepared(encodeMessage(this.#next(null) + "x".repeat(action.size)));
			case "enqueue": {
				const bytes = new TextEncoder().encode(this.#next(action.key) + "x".repeat(action.size));
				// By its number one in two is prepared.
				if (this.sent.length % 2 === 0) connection.enqueue("text", bytes, { key: action.key });
				else connection.enqueue("prepared", encodeMessage(bytes, true), { key: action.key });
				return;
			}
			case "begin":
				if (this.open >= 3) return;
				this.open++;
				connection.beginMessage("text");
				this.#begun.push(this.#next(null));
				return;
			case "fragment":
				return this.#fragment(false);
			case "last":
				return this.#fragment(true);
			case "ping":
				return connection.sendPing(new Uint8Array(0));
			case "drain":
				return this.drain(action.pieces);
			case "move":
				this.connection = moved(connection, 0, {}, 0);
		}
	}

	readonly #begun: string[] = [];
	#hasFragment = false;

	#fragment(last: boolean): void {
		if (this.open === 0) return;
		const text = this.#hasFragment ? "y" : (this.#begun[0] ?? "");
		this.#hasFragment = !last;
		this.connection.sendFragment("text", new TextEncoder().encode(text), last);
		if (!last) return;
		this.#begun.shift();
		this.open--;
	}

	drain(pieces: number, upTo: number = Number.POSITIVE_INFINITY): void {
		for (let count = 0; count < pieces && this.taken < upTo; count++) {
			const piece = this.connection.nextOutput();
			if (piece === null) break;
			this.taken += piece.length;
			this.#peer.receive(piece.slice(), 0);
		}
		for (let event = this.#peer.nextEvent(); event !== null; event = this.#peer.nextEvent()) {
			if (event.type === "text") this.arrived.push(Number.parseInt(event.text, 10));
			else if (event.type !== "ping") this.failures.push(event);
		}
	}

	/** Ends what has begun, and lets all leave. */
	finish(): void {
		while (this.open > 0) this.#fragment(true);
		this.drain(Number.POSITIVE_INFINITY);
		expect(this.failures).toEqual([]);
		expect([this.connection.bufferedAmount, this.connection.isHolding]).toEqual([0, false]);
	}
}

const actions = fc.array(action, { maxLength: 60 });

test("what arrives is in the order of sends, all without a key and the last of each key among it", () => {
	fc.assert(
		fc.property(actions, fc.boolean(), (list, isExtended) => {
			const run = new Run(isExtended);
			for (const each of list) run.do(each);
			run.finish();
			const { arrived, sent } = run;
			expect(arrived).toEqual([...new Set(arrived)].sort((a, b) => a - b));
			const last = new Map(sent.map(({ key, number }) => [key, number]));
			const needed = sent.filter(({ key, number }) => key === null || last.get(key) === number);
			expect(needed.map(({ number }) => number).filter((number) => !arrived.includes(number))).toEqual([]);
		}),
		{ numRuns: 1_500 },
	);
});

test("of each key one value waits at most", () => {
	fc.assert(
		fc.property(actions, (list) => {
			const run = new Run(false);
			for (const each of list) {
				run.do(each);
				const keys = run.connection
					.snapshot(0)
					.sender.waiting.map(({ key }) => key)
					.filter((key) => key !== null);
				expect(new Set(keys).size).toBe(keys.length);
			}
		}),
		{ numRuns: 300 },
	);
});

test("one that is moved at any point sends the same", () => {
	fc.assert(
		fc.property(actions, fc.boolean(), (list, isExtended) => {
			const still = new Run(isExtended);
			const moving = new Run(isExtended);
			for (const each of list) {
				still.do(each);
				// A snapshot joins pieces of output: how many there are is no promise.
				if (each.do === "drain") moving.drain(Number.POSITIVE_INFINITY, still.taken);
				else moving.do(each);
				moving.do({ do: "move" });
				expect(moving.connection.isHolding).toBe(still.connection.isHolding);
			}
			still.finish();
			moving.finish();
			expect(moving.arrived).toEqual(still.arrived);
		}),
		{ numRuns: 500 },
	);
});
