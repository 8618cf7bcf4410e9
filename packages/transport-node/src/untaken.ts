import type { Socket } from "node:net";
import { UsageError } from "@barewire/endpoint";

/** The counters of Node's handle, which its types omit. */
type CountingSocket = Socket & {
	readonly _handle?: { readonly bytesWritten?: number; readonly writeQueueSize?: number } | null;
};

/** What was written to a socket and may not be taken by the system yet. Another process can continue it. */
export class Untaken {
	readonly #socket: CountingSocket;
	readonly #pieces: Uint8Array[] = [];

	constructor(socket: Socket) {
		this.#socket = socket;
	}

	push(piece: Uint8Array): void {
		this.#pieces.push(piece);
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
