import type { ConnectionSettings } from "@barewire/connection";
import { type ConnectionState, normalisedKey, takeStep } from "./connection-space.ts";
import { CONTROL_INPUTS, canCome } from "./inputs.ts";

/**
 * Proves, as far as a walk comes, that its key tells apart what has to be: states with other times and the same key, twins, must
 * have the same future.
 */
export class Twins {
	readonly #settings: ConnectionSettings;
	readonly #states: ConnectionState[];
	readonly #twins: Map<number, ConnectionState> = new Map();
	/** Where each input leads to from each state. */
	readonly #targets: number[] = [];

	constructor(start: ConnectionState, settings: ConnectionSettings) {
		this.#states = [start];
		this.#settings = settings;
	}

	edge(from: number, input: number, to: number, reached: ConnectionState, isNew: boolean): void {
		this.#targets[from * CONTROL_INPUTS.length + input] = to;
		if (isNew) this.#states[to] = reached;
		else if (reached.text !== this.#states[to]?.text) this.#twins.set(to, reached);
	}

	/** Takes every step of every twin, and gives the number of steps. Throws where one leads elsewhere. */
	check(numberOf: (key: string) => number | undefined): number {
		let steps = 0;
		for (const [number, twin] of this.#twins) {
			for (const [i, input] of CONTROL_INPUTS.entries()) {
				const step = canCome(twin.snapshot, input) ? takeStep(twin, this.#settings, input) : null;
				const target = step === null ? undefined : numberOf(normalisedKey(step));
				if (target !== this.#targets[number * CONTROL_INPUTS.length + i])
					throw new Error(
						`two states with the same key part at: ${input.name}\n${JSON.stringify([twin.snapshot, this.#states[number]?.snapshot])}`,
					);
				if (step !== null) steps++;
			}
		}
		return steps;
	}
}
