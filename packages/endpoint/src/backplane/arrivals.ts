import type { Position } from "./wire.ts";

/** An announced message that has not come after so many milliseconds is missing: a heartbeat may overtake it. */
export const GRACE = 1000;

/** What is known of one publisher on one channel. */
interface Publisher {
	epoch: number;
	/** The last number that came. A lower one is a repetition. */
	last: number;
	/** Up to here every number has come, or was reported, or was published before the subscription. */
	covered: number;
	/** Whether `covered` is known: otherwise the numbers before the first one may be older than the subscription. */
	isExact: boolean;
	/** The publisher has announced the numbers up to this one. */
	announced: number;
	announcedAt: number;
	/** A higher number, announced while the one above was waited for. It is waited for afterwards. */
	later: number;
	laterAt: number;
}

/** What a message shows: how many are missing before it, null for an unknown number; and whether it is new. */
export interface Arrival {
	readonly isNew: boolean;
	readonly missed: number | null;
}

const NEW: Arrival = { isNew: true, missed: 0 };
const OLD: Arrival = { isNew: false, missed: 0 };

/** Finds the messages that are missing on one channel. It holds a few numbers for each publisher. */
export class Arrivals {
	readonly #publishers = new Map<string, Publisher>();
	/** From now on, a message that does not come is missing. */
	isGuaranteed: boolean = false;

	/**
	 * A message came. `isKnownFromStart`: the first heartbeat of the publisher was seen, so all of its messages came after
	 * that.
	 */
	came(from: string, epoch: number, number: number, isKnownFromStart: boolean): Arrival {
		const publisher = this.#publisher(from, epoch, isKnownFromStart);
		if (epoch < publisher.epoch || (epoch === publisher.epoch && number <= publisher.last)) return OLD;
		if (epoch > publisher.epoch) begin(publisher, epoch);
		const missing = number - 1 - publisher.covered;
		const { isExact } = publisher;
		publisher.last = number;
		publisher.covered = Math.max(publisher.covered, number);
		publisher.isExact = true;
		if (missing <= 0 || !this.isGuaranteed) return NEW;
		return { isNew: true, missed: isExact ? missing : null };
	}

	/** The publisher has told how far it had come when the subscription began. */
	startsAt(from: string, { epoch, number }: Omit<Position, "channel">): void {
		const publisher = this.#publisher(from, epoch, true);
		if (epoch < publisher.epoch) return;
		if (epoch > publisher.epoch) begin(publisher, epoch);
		publisher.covered = Math.max(publisher.covered, number);
		publisher.isExact = true;
	}

	/** The publisher has told how far it has come. Returns whether messages are still to come. */
	announced(from: string, position: Omit<Position, "channel">, now: number, isKnownFromStart: boolean): boolean {
		if (!this.isGuaranteed) return false;
		const { epoch, number } = position;
		const publisher = this.#publisher(from, epoch, isKnownFromStart);
		if (epoch < publisher.epoch) return false;
		if (epoch > publisher.epoch) begin(publisher, epoch);
		if (publisher.announced <= publisher.covered) {
			publisher.announced = number;
			publisher.announcedAt = now;
		} else if (number > publisher.announced) {
			publisher.later = number;
			publisher.laterAt = now;
		}
		return publisher.announced > publisher.covered;
	}

	/**
	 * Counts the announced messages that have not come in time, and counts none of them again. `waits`: others may still
	 * come.
	 */
	overdue(now: number): { missed: number | null; waits: boolean } {
		let missed: number | null = 0;
		let waits = false;
		for (const publisher of this.#publishers.values()) {
			if (isOverdue(publisher, now)) {
				missed = missed === null || !publisher.isExact ? null : missed + publisher.announced - publisher.covered;
				publisher.covered = publisher.announced;
				publisher.isExact = true;
			}
			if (publisher.announced <= publisher.covered && publisher.later > publisher.covered) {
				publisher.announced = publisher.later;
				publisher.announcedAt = publisher.laterAt;
			}
			if (publisher.announced > publisher.covered) waits = true;
		}
		return { missed, waits };
	}

	/** The publisher is gone, and will not come again. */
	forget(from: string): void {
		this.#publishers.delete(from);
	}

	#publisher(from: string, epoch: number, isExact: boolean): Publisher {
		let publisher = this.#publishers.get(from);
		if (publisher === undefined) {
			publisher = { epoch, last: 0, covered: 0, isExact, announced: 0, announcedAt: 0, later: 0, laterAt: 0 };
			this.#publishers.set(from, publisher);
		}
		return publisher;
	}
}

function begin(publisher: Publisher, epoch: number): void {
	publisher.epoch = epoch;
	publisher.last = 0;
	publisher.covered = 0;
	publisher.isExact = true;
	publisher.announced = 0;
	publisher.later = 0;
}

function isOverdue({ announced, announcedAt, covered }: Publisher, now: number): boolean {
	return announced > covered && now - announcedAt >= GRACE;
}
