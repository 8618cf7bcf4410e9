import { pooledRandom } from "@barewire/connection";
import type { Codec } from "@barewire/permessage-deflate";

/** What a runtime provides besides sockets. Every member has a default made of web standards. */
export interface Platform {
	/** Monotonic milliseconds. */
	now(): number;
	/**
	 * Calls back after this many milliseconds, or after 24 days if that is sooner. 0: after all settled promises are
	 * processed. Returns a function that cancels the timer.
	 */
	setTimer(callback: () => void, delay: number): () => void;
	/** Runs the task after the present one. */
	defer(task: () => void): void;
	/** Runs the task after the event loop has handled timers and sockets. */
	nextTurn(task: () => void): void;
	/**
	 * For runtimes on which `nextTurn` is expensive: runs the task, at less cost, when this round of the loop is over,
	 * whether or not the loop polls the sockets then. If omitted, `nextTurn` is cheap.
	 */
	nextRound?(task: () => void): void;
	/**
	 * Milliseconds of work between two turns; 1 if omitted. If `nextTurn` itself takes longer, use that time: the turn is
	 * requested when the work begins.
	 */
	readonly turnTime?: number;
	/** Fills the array with unpredictable bytes. A client calls it with 4 bytes for each frame, so use a pool. */
	readonly random: (into: Uint8Array) => void;
	/** The time of day for the `date` field of a response (RFC 9110 §6.6.1). */
	date(): string;
	/** Reports an error for which there is no `error` handler. */
	report(error: unknown): void;
	/** Decodes a whole text message faster than the core does; null: the bytes are not UTF-8. */
	readonly decodeText?: (bytes: Uint8Array) => string | null;
	/**
	 * Whether the runtime's `fetch()` decodes a body with these content codings (in lower case, in the order in which they
	 * were applied) but keeps the fields. Default: gzip or br, alone.
	 */
	readonly decodes?: (codings: readonly string[]) => boolean;
	/**
	 * Called when the application is given a whole message of this many bytes or characters, for runtimes that collect large
	 * messages too late: the memory of the message before is garbage soon.
	 */
	readonly messageGiven?: (size: number) => void;
	/** The runtime's own DEFLATE; called if `compression` is on. Without it, the application has to provide a codec. */
	readonly codec?: () => Codec;
}

/**
 * Like `setTimer`, for a time in which a peer has to act. Input that came in time is read first: if the process was busy or
 * stopped, the timer is late, and the system may still hold the bytes that were waited for. Returns a function that cancels
 * it.
 */
export function setDeadline(platform: Platform, callback: () => void, delay: number): () => void {
	let cancel = (): void => {};
	// Each runtime polls its sockets between two timers. The second round covers output that still had to be written.
	const wait = (time: number, rounds: number): void => {
		cancel = platform.setTimer(() => (rounds === 0 ? callback() : wait(0, rounds - 1)), time);
	};
	wait(delay, 2);
	return () => cancel();
}

// The date has a resolution of one second, so it is formatted at most once a second.
let dateSecond = 0;
let dateText = "";

/** The longest time that `setTimeout` supports, 24.8 days. With a longer one it fires at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

// Tests of applications replace the global timers by their own, which may never fire.
const later = setTimeout;

export const webPlatform: Platform = {
	now: () => performance.now(),
	setTimer(callback, delay) {
		const timer = setTimeout(callback, Math.min(delay, LONGEST_TIMER));
		return () => clearTimeout(timer);
	},
	defer: (task) => queueMicrotask(task),
	nextTurn: (task) => void later(task, 0),
	// The cast is safe: the view is never over shared memory. Its type can't express that.
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
