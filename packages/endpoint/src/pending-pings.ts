import { quiet } from "./quiet.ts";

interface PendingPing {
	readonly id: number;
	readonly sentAt: number;
	resolve(milliseconds: number): void;
	reject(error: Error): void;
}

/**
 * The most pings that may wait for their pongs: with a peer that reads and never answers, they would otherwise grow without
 * limit.
 */
const MOST = 100;

/** The pings of one socket that wait for their pongs. */
export class PendingPings {
	#pending: PendingPing[] = [];
	#lastId: number = 0;

	get isFull(): boolean {
		return this.#pending.length >= MOST;
	}

	/** The payload of the next ping, and the promise of its round trip. */
	add(now: number): { payload: Uint8Array; roundTrip: Promise<number> } {
		const id = ++this.#lastId;
		const payload = new Uint8Array(4);
		new DataView(payload.buffer).setUint32(0, id);
		const roundTrip = new Promise<number>((resolve, reject) => {
			this.#pending.push({ id, sentAt: now, resolve, reject });
		});
		return { payload, roundTrip: quiet(roundTrip) };
	}

	// RFC 6455 §5.5.3: a pong answers "the most recent Ping frame", so it may stand for earlier ones too.
	answered(payload: Uint8Array, now: number): void {
		if (payload.length !== 4) return;
		const id = new DataView(payload.buffer, payload.byteOffset, 4).getUint32(0);
		const answered = this.#pending.filter((ping) => ping.id <= id);
		this.#pending = this.#pending.filter((ping) => ping.id > id);
		for (const ping of answered) ping.resolve(now - ping.sentAt);
	}

	/** No further pong will be processed. */
	end(error: Error): void {
		for (const ping of this.#pending.splice(0)) ping.reject(error);
	}
}
