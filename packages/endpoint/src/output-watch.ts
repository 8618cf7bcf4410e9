import { requireAttached } from "@barewire/framing";
import type { ByteStream } from "./stream.ts";

/** Milliseconds after which it is looked again whether anything waits: where nothing does, the watch and its timer end. */
const LOOK_AGAIN = 60_000;

/**
 * Watches whether a stream still takes output, while some waits. A peer that reads nothing holds that output for as long as it
 * likes, whatever it sends meanwhile. Each byte that the system takes counts.
 */
export class OutputWatch {
	/** When to judge next. */
	due: number;
	/** Who observes the server knows that this peer is slow; until it has taken all that waits. */
	isKnownSlow: boolean = false;
	readonly #stream: ByteStream;
	/** Milliseconds in which some must be taken. */
	readonly #time: number;
	/** When some was taken last, as far as it was seen. */
	#takenAt: number;
	/** What waited at the last look, or write. */
	#seen: number;
	/** The piece after which the stream wanted no more: the adapter may hold it by reference. */
	#last: Uint8Array | null = null;

	constructor(stream: ByteStream, time: number, now: number) {
		this.#stream = stream;
		this.#time = time;
		this.#takenAt = now;
		this.#seen = waiting(stream);
		this.due = now + Math.min(time, LOOK_AGAIN);
	}

	/** This endpoint has written more, so that more waits now. `last`: the piece after which the stream wanted no more. */
	written(last: Uint8Array | null, now: number): void {
		if (last !== null) this.#last = last;
		if (this.#seen === 0) this.#takenAt = now;
		this.#seen = waiting(this.#stream);
	}

	/** The stream has taken all that waited. Throws a `UsageError` (ERR_TRANSFERRED), like `look`. */
	drained(now: number): void {
		this.look(now);
		this.#last = null;
	}

	/** Whether some was taken since the last look, or write. What was transferred meanwhile was perhaps not sent in full. */
	look(now: number): boolean {
		if (this.#last !== null) requireAttached(this.#last);
		const left = waiting(this.#stream);
		if (left === this.#seen) return false;
		this.#seen = left;
		this.#takenAt = now;
		return true;
	}

	/** How it stands at `due`: nothing waits any more, there is time left (`due` is set anew), or none was taken in time. */
	judge(now: number): "done" | "goes on" | "stalled" {
		if (this.#stream.bufferedAmount === 0) return "done";
		const end = this.#takenAt + this.#time;
		this.due = Math.min(end, now + LOOK_AGAIN);
		return end > now ? "goes on" : "stalled";
	}
}

function waiting(stream: ByteStream): number {
	return stream.bufferedAmount + (stream.writeInProgress ?? 0);
}
