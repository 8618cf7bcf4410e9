/** The messages that wait for the carrier, within a limit. */
export class OutgoingBuffer {
	#waiting: { readonly channel: string; readonly bytes: Uint8Array<ArrayBuffer> }[] = [];
	#size: number = 0;

	/** Bytes that wait. */
	get size(): number {
		return this.#size;
	}

	add(channel: string, bytes: Uint8Array<ArrayBuffer>): void {
		this.#waiting.push({ channel, bytes });
		this.#size += costOf(channel, bytes);
	}

	/** Gives all that waits to the carrier, in its order. */
	flush(publish: (channel: string, bytes: Uint8Array<ArrayBuffer>) => void): void {
		const waiting = this.#waiting;
		this.#waiting = [];
		this.#size = 0;
		for (const { channel, bytes } of waiting) publish(channel, bytes);
	}
}

/** An empty message takes room too. */
export function costOf(channel: string, bytes: Uint8Array): number {
	return bytes.length + channel.length + 64;
}
