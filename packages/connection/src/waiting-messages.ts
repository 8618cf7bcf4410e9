import { isEnd, isPlace, LONGEST_SMALL, type WaitingMessage, weightOf } from "./waiting-message.ts";

interface Link {
	message: WaitingMessage;
	before: Link | null;
	after: Link | null;
}

/**
 * The messages that are not framed yet, in the order in which they were sent. For each key, only the newest is kept. It is a linked
 * list: a replaced message is removed from the middle at once, so the memory never exceeds the counted size.
 */
export class WaitingMessages {
	/** Their total counted size. */
	bytes: number = 0;
	/** The number of positions of fragmented messages. */
	places: number = 0;
	/** The number of messages that are not prepared frames. */
	unprepared: number = 0;
	/** The number of payloads longer than `LONGEST_SMALL`. */
	large: number = 0;
	#first: Link | null = null;
	#last: Link | null = null;
	/** The messages with a key. Created for the first of them. */
	#keyed: Map<string, Link> | null = null;

	/** The next message. null: none waits. */
	get first(): WaitingMessage | null {
		return this.#first === null ? null : this.#first.message;
	}

	/** Whether the output ends after them. */
	get hasEnd(): boolean {
		return this.#last !== null && isEnd(this.#last.message.kind);
	}

	/** The message that a new message with this key would replace. */
	ofKey(key: string | null): WaitingMessage | null {
		if (key === null || this.#keyed === null) return null;
		return this.#keyed.get(key)?.message ?? null;
	}

	/** Adds the message at the end, and drops the older message with the same key. */
	push(message: WaitingMessage): void {
		const { key } = message;
		const older = key === null ? undefined : this.#keyed?.get(key);
		if (older !== undefined) this.#unlink(older);
		const link: Link = { message, before: this.#last, after: null };
		if (key !== null) {
			this.#keyed ??= new Map();
			this.#keyed.set(key, link);
		}
		if (this.#last === null) this.#first = link;
		else this.#last.after = link;
		this.#last = link;
		this.#count(message, 1);
	}

	/** Removes the first message. */
	shift(): void {
		const link = this.#first;
		if (link === null) return;
		this.#unlink(link);
		if (link.message.key !== null) this.#keyed?.delete(link.message.key);
	}

	/** Replaces the first message. */
	replaceFirst(message: WaitingMessage): void {
		const link = this.#first;
		if (link === null) return;
		this.#count(link.message, -1);
		if (link.message.key !== null) this.#keyed?.delete(link.message.key);
		link.message = message;
		this.#count(message, 1);
	}

	/** All messages, in order. */
	all(): readonly WaitingMessage[] {
		const messages: WaitingMessage[] = [];
		for (let link = this.#first; link !== null; link = link.after) messages.push(link.message);
		return messages;
	}

	#unlink({ message, before, after }: Link): void {
		if (before === null) this.#first = after;
		else before.after = after;
		if (after === null) this.#last = before;
		else after.before = before;
		this.#count(message, -1);
	}

	#count({ kind, payload }: WaitingMessage, sign: 1 | -1): void {
		this.bytes += sign * weightOf(kind, payload);
		if (isPlace(kind)) this.places += sign;
		if (kind !== "prepared") this.unprepared += sign;
		if (payload.length > LONGEST_SMALL) this.large += sign;
	}
}
