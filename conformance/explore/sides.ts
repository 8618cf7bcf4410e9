import { type ConnectionSettings, readyState, type WebSocketConnection } from "@barewire/connection";
import type { Role } from "@barewire/framing";
import { fromHex, toHex } from "../arbitraries/bytes.ts";
import { type Keyed, normalisedKey, startOf } from "./connection-space.ts";
import { drive, NOW } from "./drive.ts";
import { NOTHING_HEARD } from "./hearing.ts";
import { goOn } from "./history.ts";
import { actionOf, checkStep } from "./invariants.ts";

/** What a WebSocket connection asks of its stream. */
export type Action = WebSocketConnection["streamAction"];

/** One end of a pair in one of its states. */
export interface Side {
	/** Tells the states of one end apart. */
	readonly number: number;
	readonly action: Action;
	/** From now on. */
	readonly deadline: number;
	/** The end has begun. */
	readonly isEnding: boolean;
	/** `closed` was told. */
	readonly isClosed: boolean;
}

/** A side after a step, and what it sent by it, as hex. */
export interface SideStep {
	readonly side: Side;
	readonly output: string;
}

/** Something that happens to one end. It is the same when it has the same name. */
export interface Stimulus {
	readonly name: string;
	readonly isCommand: boolean;
	/** Gives the time at which it was done. */
	apply(connection: WebSocketConnection): number;
}

export const bytesCome = (hex: string): Stimulus => ({
	name: hex,
	isCommand: false,
	apply: (connection) => {
		connection.receive(fromHex(hex), NOW);
		return NOW;
	},
});

/** The clock goes on. The end is asked to look at it only when its own deadline has come. */
export const timePasses = (by: number): Stimulus => ({
	name: `time ${by}`,
	isCommand: false,
	apply: (connection) => {
		const now = NOW + by;
		if (connection.nextDeadline <= now) connection.handleTimeout(now);
		return now;
	},
});

/** The states of one end, each made once: an end is in the same state in a great many states of the pair. */
export class Sides {
	readonly start: Side;
	readonly #settings: ConnectionSettings;
	readonly #states: Keyed[] = [];
	readonly #known: Map<string, Side> = new Map();
	readonly #steps: Map<string, SideStep> = new Map();

	constructor(role: Role, settings: ConnectionSettings) {
		this.#settings = settings;
		this.start = this.#side(startOf(role, settings));
	}

	step(from: Side, stimulus: Stimulus): SideStep {
		const name = `${from.number} ${stimulus.name}`;
		const known = this.#steps.get(name);
		if (known !== undefined) return known;
		const step = this.#step(this.#states[from.number]!, stimulus);
		this.#steps.set(name, step);
		return step;
	}

	#step({ snapshot, history }: Keyed, { isCommand, apply }: Stimulus): SideStep {
		const outcome = drive(snapshot, this.#settings, { act: apply, mayRefuse: isCommand, pulls: true, takes: true });
		if (outcome === null) throw new Error("the pair made a step that can't be made");
		checkStep(snapshot, outcome);
		const after = goOn(history, snapshot.role, null, outcome);
		const side = this.#side({ snapshot: outcome.snapshot, history: after, hearing: NOTHING_HEARD });
		return { side, output: toHex(outcome.output) };
	}

	#side(state: Keyed): Side {
		const key = normalisedKey(state);
		const known = this.#known.get(key);
		if (known !== undefined) return known;
		const { life, timers } = state.snapshot;
		const side = {
			number: this.#states.length,
			action: actionOf(state.snapshot),
			deadline: Math.min(...Object.values(timers).map((left) => left ?? Number.POSITIVE_INFINITY)),
			isEnding: readyState(life.outbound, life.inbound) !== "open",
			isClosed: state.history.closed,
		};
		this.#known.set(key, side);
		this.#states.push(state);
		return side;
	}
}
