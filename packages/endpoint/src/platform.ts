import { pooledRandom } from "@barewire/connection";
import type { Codec } from "@barewire/permessage-deflate";

/** What a runtime gives besides sockets. Everything has a default made of web standards. */
export interface Platform {
	/** Monotonic milliseconds. */
	now(): number;
	/**
	 * Calls back after so many milliseconds, or after 24 days if that is sooner; 0: once all promises that have settled are
	 * answered. Returns how to cancel that.
	 */
	setTimer(callback: () => void, delay: number): () => void;
	/** Runs the task when the present one has ended. */
	defer(task: () => void): void;
	/** Runs the task when others had their turn: timers, sockets. */
	nextTurn(task: () => void): void;
	/**
	 * Where `nextTurn` is dear: runs the task, at less cost, when this round of the loop is over, whether or not the loop looks at the sockets then.
	 * Left out: `nextTurn` is cheap.
	 */
	nextRound?(task: () => void): void;
	/**
	 * Milliseconds of work between two turns; 1 where it is left out. Where `nextTurn` takes longer by itself, give that: it is asked for when
	 * the work begins.
	 */
	readonly turnTime?: number;
	/** Fills the array with unpredictable bytes. It is called for each frame of a client with 4 bytes: have a pool. */
	readonly random: (into: Uint8Array) => void;
	/** The time of day for the `date` field of a response (RFC 9110 §6.6.1). */
	date(): string;
	/** The last resort for an error that no `error` handler takes. */
	report(error: unknown): void;
	/** A faster way to decode a whole text message than the core's; null: the bytes are not UTF-8. */
	readonly decodeText?: (bytes: Uint8Array) => string | null;
	/**
	 * Whether the runtime's `fetch()` decodes a body that has these content codings, in lower case and in the order in which they
	 * were applied, while it leaves the fields. Default: gzip or br, alone.
	 */
	readonly decodes?: (codings: readonly string[]) => boolean;
	/** The runtime's own DEFLATE; asked for when `compression` is. Without it the application has to bring one. */
	readonly codec?: () => Codec;
}

/**
 * Like `setTimer`, for a time in which a peer has to do something. What came before its end is read first: where the process was busy,
 * or stopped, the timer comes late, and the bytes that would tell lie with the system. Returns how to cancel it.
 */
export function setDeadline(platform: Platform, callback: () => void, delay: number): () => void {
	let cancel = (): void => {};
	// Between two timers, each runtime looks at its sockets; what was still to be written then comes with the second look.
	const wait = (time: number, rounds: number): void => {
		cancel = platform.setTimer(() => (rounds === 0 ? callback() : wait(0, rounds - 1)), time);
	};
	wait(delay, 2);
	return () => cancel();
}

// The date has a resolution of one second: it is formatted once a second at the most.
let dateSecond = 0;
let dateText = "";

/** The longest time that `setTimeout` knows, 24.8 days: beyond it, it fires at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

// Tests of applications put timers of their own in the place of the global ones, which may never come.
const later = setTimeout;

export const webPlatform: Platform = {
	now: () => performance.now(),
	setTimer(callback, delay) {
		const timer = setTimeout(callback, Math.min(delay, LONGEST_TIMER));
		return () => clearTimeout(timer);
	},
	defer: (task) => queueMicrotask(task),
	nextTurn: (task) => void later(task, 0),
	// The view is never over shared memory: its type just cannot say so.
	random: pooledRandom((into) => void crypto.getRandomValues(into as Uint8Array<ArrayBuffer>)),
	date() {
		const second = Math.floor(Date.now() / 1000);
		if (second !== dateSecond) {
			dateSecond = second;
			dateText = new Date(second * 1000).toUTCString();
		}
		return dateText;
	},
	report: (error) => console.error(error),
};
