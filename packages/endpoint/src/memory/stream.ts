import type { Address, ByteStream, StreamEvents } from "../stream.ts";
import { transportError, USE_CONNECTION } from "../transport-error.ts";

/** How a memory network handles the data that passes through it. The values may be changed at any time. */
export interface Faults {
	/** The largest chunk: with 1, each byte is delivered alone. */
	chunkSize: number;
	/** Bytes that may wait in one direction before `write` returns false. */
	capacity: number;
	/** Nothing is delivered while true. */
	stalled: boolean;
}

/** One end of a pair of streams that are connected in memory. */
export class MemoryStream implements ByteStream {
	readonly local: Address;
	readonly remote: Address;
	readonly secure: boolean = false;
	readonly #faults: Faults;
	readonly #defer: (task: () => void) => void;
	#peer: MemoryStream = this;
	#events: StreamEvents | null = null;
	#outgoing: Uint8Array[] = [];
	/** Pieces that wait for an announced next piece. */
	#batch: Uint8Array[] = [];
	#scheduled: boolean = false;
	#paused: boolean = false;
	#needsDrain: boolean = false;
	#ending: boolean = false;
	#endDelivered: boolean = false;
	#gone: boolean = false;

	constructor(local: Address, remote: Address, faults: Faults, defer: (task: () => void) => void) {
		this.local = local;
		this.remote = remote;
		this.#faults = faults;
		this.#defer = defer;
	}

	/** Connects two ends. */
	static join(one: MemoryStream, other: MemoryStream): void {
		one.#peer = other;
		other.#peer = one;
	}

	/** Sets the events of this stream. */
	attach(events: StreamEvents): void {
		this.#events = events;
		this.#peer.schedule();
	}

	get bufferedAmount(): number {
		return sizeOf(this.#outgoing) + sizeOf(this.#batch);
	}

	write(bytes: Uint8Array, more: boolean): boolean {
		if (this.#gone || this.#ending) return false;
		this.#batch.push(bytes);
		if (more) return this.bufferedAmount < this.#faults.capacity;
		// Copies the bytes as a network does: the receiver owns what it gets, and the sender keeps what it sent.
		this.#outgoing.push(joined(this.#batch));
		this.#batch = [];
		this.schedule();
		this.#needsDrain = this.bufferedAmount >= this.#faults.capacity;
		return !this.#needsDrain;
	}

	end(): void {
		this.#ending = true;
		this.schedule();
	}

	destroy(): void {
		if (this.#gone) return;
		this.#close(null);
		this.#peer.#close(reset());
	}

	pause(): void {
		this.#paused = true;
	}

	resume(): void {
		this.#paused = false;
		this.#peer.schedule();
	}

	/** Breaks the connection: both ends get a reset. */
	reset(): void {
		this.#close(reset());
		this.#peer.#close(reset());
	}

	/** Delivers waiting data, for example after `faults.stalled` has ended. */
	schedule(): void {
		if (this.#scheduled) return;
		this.#scheduled = true;
		this.#defer(() => {
			this.#scheduled = false;
			this.#deliver();
		});
	}

	#deliver(): void {
		const peer = this.#peer;
		const faults = this.#faults;
		while (!this.#gone && !peer.#gone && peer.#events !== null && !peer.#paused && !faults.stalled) {
			const piece = this.#outgoing.shift();
			if (piece === undefined) break;
			if (piece.length > faults.chunkSize) this.#outgoing.unshift(piece.slice(faults.chunkSize));
			peer.#events.received(piece.slice(0, faults.chunkSize));
		}
		if (this.#gone || this.#outgoing.length > 0) return;
		if (this.#needsDrain) {
			this.#needsDrain = false;
			this.#events?.drained();
		}
		if (!this.#ending || this.#endDelivered || peer.#events === null || peer.#paused || faults.stalled) return;
		this.#endDelivered = true;
		peer.#events.ended();
		if (!peer.#endDelivered) return;
		this.#close(null);
		peer.#close(null);
	}

	#close(error: Error | null): void {
		if (this.#gone) return;
		this.#gone = true;
		this.#outgoing = [];
		this.#defer(() => this.#events?.closed(error));
	}
}

function reset(): Error {
	return transportError("ERR_CONNECTION_RESET", USE_CONNECTION);
}

function sizeOf(pieces: readonly Uint8Array[]): number {
	return pieces.reduce((sum, piece) => sum + piece.length, 0);
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
	const whole = new Uint8Array(sizeOf(pieces));
	let offset = 0;
	for (const piece of pieces) {
		whole.set(piece, offset);
		offset += piece.length;
	}
	return whole;
}
