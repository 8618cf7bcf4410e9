import type { Socket } from "node:net";
import { UsageError } from "@barewire/endpoint";

const NOTHING = new Uint8Array(0);

/** The counters of Node's handle, which its types omit. */
type CountingSocket = Socket & {
	readonly _handle?: { readonly bytesWritten?: number; readonly writeQueueSize?: number } | null;
};

/** What was written to a socket and may not be taken by the system yet. Another process can continue it. */
export class Untaken {
	readonly #socket: CountingSocket;
	readonly #taken: (untaken: Untaken) => void;
	#pieces: Uint8Array[] = [];
	#isMarked: boolean = false;

	/** `taken`: called when the system has taken everything. */
	constructor(socket: Socket, taken: (untaken: Untaken) => void) {
		this.#socket = socket;
		this.#taken = taken;
	}

	/** The pieces of a batch come one by one, and only the last one tells whether the system took all of them. */
	push(piece: Uint8Array): void {
		this.#pieces.push(piece);
		if (!this.#isMarked && !this.#socket.writableCorked) this.#mark();
	}

	/** Node reports that an empty write is done when all before it is taken. */
	#mark(): void {
		this.#isMarked = true;
		this.#socket.write(NOTHING, () => {
			this.#isMarked = false;
			if (this.#socket.writableLength === 0) this.#taken(this);
			else if (!this.#socket.destroyed) this.#mark();
		});
	}

	/**
	 * The bytes that the system has not taken. What it takes after this call is sent twice, so destroy the socket at once.
	 * Throws a `UsageError` (ERR_TRANSFERRED).
	 */
	rest(): Uint8Array {
		const socket = this.#socket;
		const { _handle: handle } = socket;
		// Node counts in `bytesWritten` what waits in its own queue, and the handle counts what waits in libuv.
		let left = socket.bytesWritten - (handle?.bytesWritten ?? 0) + (handle?.writeQueueSize ?? 0);
		const rest = new Uint8Array(left);
		for (let piece = this.#pieces.pop(); piece !== undefined && left > 0; piece = this.#pieces.pop()) {
			if (piece.buffer.byteLength === 0)
				throw new UsageError("ERR_TRANSFERRED", "bytes that wait to be sent were transferred: send a copy");
			const part = piece.length > left ? piece.subarray(piece.length - left) : piece;
			left -= part.length;
			rest.set(part, left);
		}
		return rest;
	}
}
