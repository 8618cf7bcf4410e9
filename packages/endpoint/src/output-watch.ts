import type { ByteStream } from "./stream.ts";

/**
 * Watches whether a stream still takes output, while some waits. A peer that reads nothing holds that output for as long as it
 * likes, whatever it sends meanwhile. Each byte that the system takes counts.
 */
export class OutputWatch {
	/** When to judge next. */
	due: number;
	readonly #stream: ByteStream;
	/** Milliseconds in which some must be taken. */
	readonly #time: number;
	/** When some was taken last, as far as it was seen. */
	#takenAt: number;
	/** What waited at the last look, or write. */
	#seen: number;

	constructor(stream: ByteStream, time: number, now: number) {
		this.#stream = stream;
		this.#time = time;
		this.#takenAt = now;
		this.#seen = waiting(stream);
		this.due = now + time;
	}

	/** More was written: what waits has grown by this endpoint's doing. */
	written(now: number): void {
		if (this.#seen === 0) this.#takenAt = now;
		this.#seen = waiting(this.#stream);
	}

	/** Whether some was taken since the last look, or write. */
	look(now: number): boolean {
		const left = waiting(this.#stream);
		if (left === this.#seen) return false;
		this.#seen = left;
		this.#takenAt = now;
		return true;
	}

	judge(now: number): "done" | "goes on" | "stalled" {
		if (this.#stream.bufferedAmount === 0) return "done";
		this.due = this.#takenAt + this.#time;
		return this.due > now ? "goes on" : "stalled";
	}
}

function waiting(stream: ByteStream): number {
	return stream.bufferedAmount + (stream.writeInProgress ?? 0);
}
