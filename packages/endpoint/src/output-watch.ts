import { requireAttached } from "@barewire/framing";
import type { ByteStream } from "./stream.ts";

/** Milliseconds after which the watch checks again whether output waits: if none does, the watch and its timer end. */
const LOOK_AGAIN = 60_000;

/**
 * Watches whether a stream takes output while some waits. A peer that reads nothing could otherwise keep that output in
 * memory without limit, whatever it sends in that time. Each byte that the system takes counts as progress.
 */
export class OutputWatch {
	/** The time of the next check. */
	due: number;
	/** The observer of the server was told that this peer is slow; reset when the peer has taken all that waits. */
	isKnownSlow: boolean = false;
	readonly #stream: ByteStream;
	/** Milliseconds in which some output must be taken. */
	readonly #time: number;
	/** When some output was last seen to be taken. */
	#takenAt: number;
	/** The waiting bytes at the last check or write. */
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

	/** This endpoint has written, so more output waits now. `last`: the piece after which the stream wanted no more. */
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

	/**
	 * Whether some output was taken since the last check or write. Throws if the last piece was transferred: it was perhaps
	 * not sent in full.
	 */
	look(now: number): boolean {
		if (this.#last !== null) requireAttached(this.#last);
		const left = waiting(this.#stream);
		if (left === this.#seen) return false;
		this.#seen = left;
		this.#takenAt = now;
		return true;
	}

	/**
	 * The result at `due`: "done", nothing waits; "goes on", there is time left and `due` is updated; "stalled", no output
	 * was taken in time.
	 */
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
