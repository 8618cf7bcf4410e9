import type { MessageKind } from "@barewire/framing";

/** What a waiting message counts besides its bytes. */
export const WAITING_OVERHEAD = 64;

/**
 * A message that waits behind an unfinished one. `prepared`: whole frames. `beginText`, `beginBinary`: the place of a message
 * that will be sent in fragments, without bytes.
 */
export interface WaitingMessage {
	readonly kind: MessageKind | "prepared" | "beginText" | "beginBinary";
	/** A text in UTF-8. */
	readonly bytes: Uint8Array;
	/** No extension transforms it. */
	readonly plain: boolean;
}

/** Messages in their order. */
export class WaitingMessages {
	/** Bytes of all of them, and 64 for each. */
	bytes = 0;
	readonly #messages: WaitingMessage[] = [];
	/** Those before it have been taken. */
	#first = 0;

	add(message: WaitingMessage): void {
		this.#messages.push(message);
		this.bytes += message.bytes.length + WAITING_OVERHEAD;
	}

	/** The next one; null: there is none. */
	shift(): WaitingMessage | null {
		const message = this.#messages[this.#first++];
		if (message === undefined) return null;
		this.bytes -= message.bytes.length + WAITING_OVERHEAD;
		// What has been taken is let go of from time to time: each time would move all the others.
		if (this.#first * 2 > this.#messages.length) {
			this.#messages.splice(0, this.#first);
			this.#first = 0;
		}
		return message;
	}

	copy(): WaitingMessage[] {
		return this.#messages.slice(this.#first).map((message) => ({ ...message, bytes: new Uint8Array(message.bytes) }));
	}
}
