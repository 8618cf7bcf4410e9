/**
 * The size of the read buffer of each connection. The buffer is in use while a read waits, so its size decides the memory
 * of an idle connection: with 10,000 connections, each takes 7.8, 9.0, 10.4 and 22 KB with 1, 2, 4 and 16 KiB here, before
 * the endpoint has added anything.
 */
const QUIET_SIZE = 2 * 1024;

/** A larger buffer makes reads hardly faster. */
const LARGEST_SIZE = 256 * 1024;

/** Under TLS a read returns one record, and no record has more plaintext (RFC 8446 §5.1). */
const LARGEST_RECORD = 16 * 1024;

/**
 * The buffer of a connection for reads: a small one that is used for every read, and larger ones only while reads fill
 * them. The caller of `take` owns the result: bytes in the small buffer are copied, a large buffer is handed over.
 */
export class ReadBuffer {
	readonly #quiet: Uint8Array = new Uint8Array(QUIET_SIZE);
	readonly #largest: number;
	#current: Uint8Array = this.#quiet;

	constructor(secure: boolean) {
		this.#largest = secure ? LARGEST_RECORD : LARGEST_SIZE;
	}

	/** The buffer for the next read. */
	get room(): Uint8Array {
		return this.#current;
	}

	/** Returns the bytes of a read. `count`: how many were read into `room`. */
	take(count: number): Uint8Array {
		const current = this.#current;
		// A read that did not fill the buffer has emptied the socket, so the next read may wait for a long time. It must not keep a
		// large buffer in that time, because a waiting read can't be cancelled.
		if (count < current.length) this.#current = this.#quiet;
		else this.#current = new Uint8Array(Math.min(count * 4, this.#largest));
		return current === this.#quiet ? current.slice(0, count) : current.subarray(0, count);
	}
}
