import { VirtualClock } from "../src/memory/index.ts";

/** A virtual clock whose time also moves while something works, and whose turns come when they are told to. */
export class BusyClock extends VirtualClock {
	/** How often the time was read. */
	readings: number = 0;
	/** How often a turn was asked for. */
	asked: number = 0;
	/** Milliseconds that pass at each look at the clock. Half a turn: so work is over when the clock was looked at behind it. */
	eachReading: number = 0;
	readonly #turns: (() => void)[] = [];
	#worked: number = 0;

	override now(): number {
		this.readings++;
		this.#worked += this.eachReading;
		return super.now() + this.#worked;
	}

	/** Something takes so many milliseconds, in which nothing else comes. */
	work(milliseconds: number): void {
		this.#worked += milliseconds;
	}

	override nextTurn(task: () => void): void {
		this.asked++;
		this.#turns.push(task);
	}

	/** The next turn of the loop. false: none was asked for. */
	runTurn(): boolean {
		const turns = this.#turns.splice(0);
		for (const task of turns) task();
		return turns.length > 0;
	}
}
