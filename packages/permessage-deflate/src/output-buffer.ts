/**
 * The result of a codec for one message is usually shorter than this. It is written to one array that all codecs share, because
 * they are synchronous. Then only the result is allocated, with its exact size (bench/micro/deflate.ts).
 */
export const SCRATCH_SIZE: number = 64 * 1024;

/**
 * A longer result, such as a slice of a large message, is written to a second array: the first use of new memory costs the
 * operating system more than copying 1 MiB out of an array that was used before. After a slice of 1 MiB there is room for bytes
 * that the codec has not written yet.
 */
export const SLICE_ROOM: number = 1024 * 1024 + SCRATCH_SIZE;

type Bytes = Uint8Array<ArrayBuffer>;

const EMPTY: Bytes = /* @__PURE__ */ new Uint8Array(0);

let scratch: Bytes = EMPTY;

/** Created when needed, and referenced weakly: in an idle process the garbage collector frees it. */
let sliceRoom: WeakRef<ArrayBuffer> | null = null;

/** The output of a codec. Between `begin` and `take` or `drop`, no other output buffer may be used. */
export class OutputBuffer {
	/** The next write goes to `bytes[fill…]`. */
	bytes: Bytes = EMPTY;
	fill = 0;
	#most = 0;
	#first = 0;
	/** `bytes` is a part of `scratch` or of `sliceRoom`. */
	#isShared = true;

	/** Starts an output of at most `most` bytes. The buffer is full for the first time at `first` bytes or earlier. */
	begin(most: number, first: number = most): void {
		if (scratch.length === 0) scratch = new Uint8Array(SCRATCH_SIZE);
		this.#most = most;
		this.#first = first;
		this.#isShared = true;
		const size = Math.min(most, first);
		this.bytes = size < SCRATCH_SIZE ? scratch.subarray(0, size) : scratch;
		this.fill = 0;
	}

	/** Makes the buffer larger, up to the maximum. It is also full when it contains `first` bytes. */
	grow(): void {
		const { bytes } = this;
		const most = bytes.length < this.#first ? Math.min(this.#first, this.#most) : this.#most;
		if (!this.#isShared || bytes.length >= SLICE_ROOM) this.#resize(Math.min(most, bytes.length * 2));
		else if (bytes.length < SCRATCH_SIZE) this.bytes = scratch.subarray(0, most);
		else {
			const isSmall = bytes.buffer === scratch.buffer;
			this.bytes = new Uint8Array(isSmall ? sharedRoom() : bytes.buffer, 0, Math.min(most, SLICE_ROOM));
			if (isSmall) this.bytes.set(bytes.subarray(0, this.fill));
		}
	}

	/** Returns the written bytes in separate memory. */
	take(): Uint8Array {
		if (!this.#isShared) this.#resize(this.fill);
		const taken = this.#isShared ? new Uint8Array(this.bytes.subarray(0, this.fill)) : this.bytes;
		this.drop();
		return taken;
	}

	/** Drops the written bytes. */
	drop(): void {
		this.bytes = EMPTY;
	}

	/** Moves the bytes to separate memory. */
	#resize(size: number): void {
		const { bytes } = this;
		// A transfer frees the old memory at once, without waiting for the garbage collector.
		if (!this.#isShared) this.bytes = new Uint8Array(bytes.buffer.transfer(size));
		else {
			this.bytes = new Uint8Array(size);
			this.bytes.set(bytes.subarray(0, this.fill));
		}
		this.#isShared = false;
	}
}

function sharedRoom(): ArrayBuffer {
	const held = sliceRoom?.deref();
	// The buffer may have been transferred.
	if (held !== undefined && held.byteLength > 0) return held;
	const room = new ArrayBuffer(SLICE_ROOM);
	sliceRoom = new WeakRef(room);
	return room;
}
