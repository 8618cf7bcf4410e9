import type { Address, ByteStream } from "@barewire/endpoint";

/** A stream that counts what it was given: the place of a message in it tells when the message has left. */
export class CountedStream implements ByteStream {
	/** Bytes that were written to it. */
	given: number = 0;
	readonly #stream: ByteStream;

	constructor(stream: ByteStream) {
		this.#stream = stream;
	}

	get local(): Address {
		return this.#stream.local;
	}

	get remote(): Address {
		return this.#stream.remote;
	}

	get secure(): boolean {
		return this.#stream.secure;
	}

	get bufferedAmount(): number {
		return this.#stream.bufferedAmount;
	}

	get writeInProgress(): number {
		return this.#stream.writeInProgress ?? 0;
	}

	write(bytes: Uint8Array, more: boolean): boolean {
		this.given += bytes.length;
		return this.#stream.write(bytes, more);
	}

	end(): void {
		this.#stream.end();
	}

	destroy(): void {
		this.#stream.destroy();
	}

	pause(): void {
		this.#stream.pause();
	}

	resume(): void {
		this.#stream.resume();
	}
}
