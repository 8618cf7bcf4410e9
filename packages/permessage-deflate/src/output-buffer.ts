/**
 * What a codec makes of one message is mostly shorter than this, and is made in one array that all codecs share, as they
 * are synchronous. Only what comes out is then allocated, at its size (bench/micro/deflate.ts).
 */
export const SCRATCH_SIZE: number = 64 * 1024;

/**
 * What is longer, such as a slice of a large message, is made in a second array: the first touch of memory costs the system more than
 * to copy 1 MiB out of an array that was used before. Behind a slice of 1 MiB there is room for what the codec has not written yet.
 */
export const SLICE_ROOM: number = 1024 * 1024 + SCRATCH_SIZE;

type Bytes = Uint8Array<ArrayBuffer>;

const EMPTY: Bytes = /* @__PURE__ */ new Uint8Array(0);

let scratch: Bytes = EMPTY;

/** Made when it is needed, and held weakly: an idle process has it until the engine collects what is not used. */
let sliceRoom: WeakRef<ArrayBuffer> | null = null;

/** Where a codec writes. Between `begin` and `take` or `drop` nobody else may use one. */
export class OutputBuffer {
	/** Where to write next: `bytes[fill…]`. */
	bytes: Bytes = EMPTY;
	fill = 0;
	#most = 0;
	#first = 0;
	/** `bytes` is a part of `scratch` or of `sliceRoom`. */
	#isShared = true;

	/** For `most` bytes at most. It is full for the first time when it has no more than `first`. */
	begin(most: number, first: number = most): void {
		if (scratch.length === 0) scratch = new Uint8Array(SCRATCH_SIZE);
		this.#most = most;
		this.#first = first;
		this.#isShared = true;
		const size = Math.min(most, first);
		this.bytes = size < SCRATCH_SIZE ? scratch.subarray(0, size) : scratch;
		this.fill = 0;
	}

	/** More room, until there is as much as there may be at the most. It is full when it has `first`. */
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

	/** What has been written, in memory of its own. */
	take(): Uint8Array {
		if (!this.#isShared) this.#resize(this.fill);
		const taken = this.#isShared ? new Uint8Array(this.bytes.subarray(0, this.fill)) : this.bytes;
		this.drop();
		return taken;
	}

	/** Lets go of what has been written. */
	drop(): void {
		this.bytes = EMPTY;
	}

	/** In memory of its own. */
	#resize(size: number): void {
		const { bytes } = this;
		// A transfer frees the former memory at once instead of leaving it to be collected.
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
	// Somebody may have transferred it away.
	if (held !== undefined && held.byteLength > 0) return held;
	const room = new ArrayBuffer(SLICE_ROOM);
	sliceRoom = new WeakRef(room);
	return room;
}
