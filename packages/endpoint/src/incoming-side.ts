import type { MessageKind } from "@barewire/framing";
import { SocketClosedError } from "./errors.ts";
import { IncomingParts, type IncomingSource } from "./incoming-message.ts";

/**
 * This many bytes of parts are read ahead of the application. With more, waiting objects survive garbage collections, and
 * engines let their memory grow (`bench --only stream`).
 */
const PARTS_AHEAD = 16 * 1024;

/** The messages that one socket receives in parts. */
export class IncomingSide {
	/** The latest message, until it is finished. */
	#latest: IncomingParts | null = null;
	/** The message that the `for await` loop received last. */
	#given: IncomingParts | null = null;

	/** Bytes of parts that wait to be read. */
	held: number = 0;

	/** Whether there is room for the next part. */
	get hasRoom(): boolean {
		return this.held < PARTS_AHEAD || this.#latest?.wantsPart === true;
	}

	/** Whether a message is not received or not read to its end. */
	get isUnfinished(): boolean {
		return this.#latest !== null;
	}

	begin(kind: MessageKind, source: IncomingSource, bytes: Uint8Array, last: boolean): IncomingParts {
		const incoming = new IncomingParts(kind, source);
		this.#latest = incoming;
		incoming.push(bytes, last);
		return incoming;
	}

	goOn(bytes: Uint8Array, last: boolean): void {
		this.#latest?.push(bytes, last);
	}

	/** Discards the rest of the latest message. */
	discard(): void {
		this.#latest?.discard();
	}

	/** The rest of the latest message will not come. */
	cut(): void {
		this.#latest?.cut(new SocketClosedError());
	}

	/** A message is finished. */
	finished(): void {
		if (this.#latest?.isFinished) this.#latest = null;
	}

	/** The `for await` loop asks for its next message. */
	loopGoesOn(): void {
		this.#given?.discardUnread();
		this.#given = null;
	}

	loopGets(message: unknown): void {
		if (message instanceof IncomingParts) this.#given = message;
	}
}
