/**
 * Smaller frames count in full for each receiver: checking all of them would take long, and what remains of a sent one is a
 * copy.
 */
const SHARED_FROM = 4097;

/** The part of a connection that is needed here. */
interface Sending {
	/** The arrays that contain the waiting output. */
	readonly pieces: readonly Uint8Array[];
}

/**
 * A frame, or an array, in memory. `counted`: its waiting bytes, summed over all connections; `longest`: the bytes in
 * memory.
 */
interface Frame {
	counted: number;
	longest: number;
}

/**
 * Finds how much of the waiting output is counted more than once. A frame of `publish` waits for several connections. Each
 * counts it in full, but it is in memory only once. Of a partly sent frame, the longest rest counts.
 *
 * It is computed by a scan of all waiting output. Counting at each change would cost time for each published frame, even if
 * no frame has to wait.
 */
export class SharedFrames {
	/** Bytes that are counted more than once. */
	bytes: number = 0;
	/** In one buffer, pieces with the same end belong to the same frame: they are the whole frame or the rest of it. */
	readonly #frames = new Map<ArrayBufferLike, Map<number, Frame>>();

	static of(connections: Iterable<Sending>): SharedFrames {
		const shared = new SharedFrames();
		for (const connection of connections) shared.add(connection);
		return shared;
	}

	/** Adds the waiting pieces of a connection. Returns their number. */
	add({ pieces }: Sending): number {
		for (const piece of pieces) if (piece.length >= SHARED_FROM) this.bytes += this.#add(piece);
		return pieces.length;
	}

	/** How much of `bytes` this connection has counted. The share of a frame is the same for all connections that wait for it. */
	countedBy({ pieces }: Sending): number {
		let bytes = 0;
		for (const piece of pieces) {
			const frame = this.#frames.get(piece.buffer)?.get(endOf(piece));
			if (frame !== undefined) bytes += piece.length * (1 - frame.longest / frame.counted);
		}
		return bytes;
	}

	/** Returns how much of the piece was counted already. */
	#add(piece: Uint8Array): number {
		const ofMemory = this.#frames.get(piece.buffer) ?? new Map<number, Frame>();
		this.#frames.set(piece.buffer, ofMemory);
		const { length } = piece;
		const frame = ofMemory.get(endOf(piece));
		if (frame === undefined) {
			ofMemory.set(endOf(piece), { counted: length, longest: length });
			return 0;
		}
		const known = Math.min(frame.longest, length);
		frame.counted += length;
		frame.longest = Math.max(frame.longest, length);
		return known;
	}
}

function endOf(piece: Uint8Array): number {
	return piece.byteOffset + piece.length;
}
