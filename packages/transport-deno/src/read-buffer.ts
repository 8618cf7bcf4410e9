/**
 * What each connection has to read into. It is pinned while a read waits, so it is what an idle connection weighs: of
 * 10,000 of them each weighs 7.8, 9.0, 10.4 and 22 KB with 1, 2, 4 and 16 KiB here, before the endpoint has added anything.
 */
const QUIET_SIZE = 2 * 1024;

/** A read gains next to nothing from more room than this. */
const LARGEST_SIZE = 256 * 1024;

/** Under TLS a read gives one record, and no record has more plaintext (RFC 8446 §5.1). */
const LARGEST_RECORD = 16 * 1024;

/**
 * Where a connection reads into: a small buffer that is read into again and again, and larger ones only while reads fill
 * them. Whatever is taken is its taker's: out of the small buffer it is copied, a large one is given away.
 */
export class ReadBuffer {
	readonly #quiet: Uint8Array = new Uint8Array(QUIET_SIZE);
	readonly #largest: number;
	#current: Uint8Array = this.#quiet;

	constructor(secure: boolean) {
		this.#largest = secure ? LARGEST_RECORD : LARGEST_SIZE;
	}

	/** What the next read is to fill. */
	get room(): Uint8Array {
		return this.#current;
	}

	/** So many bytes were read into the room. */
	take(count: number): Uint8Array {
		const current = this.#current;
		// A read that did not fill its room has emptied the socket, so the next one may wait for a long time: it must not
		// hold a large buffer meanwhile, and a read that waits can't be called back.
		if (count < current.length) this.#current = this.#quiet;
		else this.#current = new Uint8Array(Math.min(count * 4, this.#largest));
		return current === this.#quiet ? current.slice(0, count) : current.subarray(0, count);
	}
}
