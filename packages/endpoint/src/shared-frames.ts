/** Smaller frames count in full for each receiver: to look at all of them would take long, and what leaves of them is a copy. */
const SHARED_FROM = 4097;

/** A connection, as far as it matters here. */
interface Sending {
	/** The arrays in which what waits to be sent lies. */
	readonly pieces: readonly Uint8Array[];
}

/** A frame, or an array, in memory: what of it waits, counted for each connection, and what is there. */
interface Frame {
	counted: number;
	longest: number;
}

/**
 * Of the output that waits, how much is counted more often than it is there: a frame of `publish` waits for several connections, each
 * counts it in full, and it is in memory once. What is left of one counts as far as the longest of its rests does.
 *
 * It is made by a look at all that waits. To count along would cost something with each frame that is published, also where none has
 * to wait.
 */
export class SharedFrames {
	/** Bytes that are counted more than once. */
	bytes: number = 0;
	/** In one memory, pieces with the same end are a frame, and what is left of it. */
	readonly #frames = new Map<ArrayBufferLike, Map<number, Frame>>();

	static of(connections: Iterable<Sending>): SharedFrames {
		const shared = new SharedFrames();
		for (const connection of connections) shared.add(connection);
		return shared;
	}

	/** Looks at what waits there. Returns how many pieces that were. */
	add({ pieces }: Sending): number {
		for (const piece of pieces) if (piece.length >= SHARED_FROM) this.bytes += this.#add(piece);
		return pieces.length;
	}

	/** How much of them this connection has counted. It is the same part of a frame for all that wait for it. */
	countedBy({ pieces }: Sending): number {
		let bytes = 0;
		for (const piece of pieces) {
			const frame = this.#frames.get(piece.buffer)?.get(endOf(piece));
			if (frame !== undefined) bytes += piece.length * (1 - frame.longest / frame.counted);
		}
		return bytes;
	}

	/** Returns how much of it was counted already. */
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
