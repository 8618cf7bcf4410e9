/**
 * The deadlines of a protocol: one for each given name, in milliseconds of the caller's clock. Infinity: not running. Timers that
 * are due together are returned in the order of the names.
 */
export class Timers<Name extends string> {
	/** The time of the earliest deadline. */
	next: number = Number.POSITIVE_INFINITY;
	readonly #names: readonly Name[];
	readonly #deadlines: number[];

	constructor(names: readonly Name[]) {
		this.#names = names;
		this.#deadlines = names.map(() => Number.POSITIVE_INFINITY);
	}

	set(name: Name, deadline: number): void {
		const deadlines = this.#deadlines;
		const index = this.#names.indexOf(name);
		const before = deadlines[index]!;
		deadlines[index] = deadline;
		if (deadline <= this.next) this.next = deadline;
		else if (before === this.next) this.next = Math.min(...deadlines);
	}

	clear(name: Name): void {
		this.set(name, Number.POSITIVE_INFINITY);
	}

	clearAll(): void {
		this.#deadlines.fill(Number.POSITIVE_INFINITY);
		this.next = Number.POSITIVE_INFINITY;
	}

	isRunning(name: Name): boolean {
		return this.#deadlines[this.#names.indexOf(name)] !== Number.POSITIVE_INFINITY;
	}

	/** Milliseconds until the timer is due. */
	left(name: Name, now: number): number {
		return Math.max(0, this.#deadlines[this.#names.indexOf(name)]! - now);
	}

	/** Stops and returns the next due timer. null: none is due. */
	takeDue(now: number): Name | null {
		if (now < this.next) return null;
		const name = this.#names[this.#deadlines.findIndex((deadline) => deadline <= now)] ?? null;
		if (name !== null) this.clear(name);
		return name;
	}
}
