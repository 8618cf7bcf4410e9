import { makePayload } from "../load/payload.ts";

/** A peer says it when it wants to have what is published, and hears it back once it will. */
export const JOIN = "join";

export const TOPIC = "all";

/** So many messages are published in turn. */
export const CYCLE = 32;

/** Made once for each size. */
const made = new Map<number, readonly string[]>();

/** What a peer says to have messages published in one turn: so many of so many bytes, from number `first` of the cycle on. */
export function requestFor(first: number, count: number, size: number): string {
	return `${first} ${count} ${size}`;
}

/** What is to be published then. */
export function requestedMessages(request: string): readonly string[] {
	const [first = 0, count = 0, size = 0] = request.split(" ").map(Number);
	if (!(first + count <= CYCLE && count > 0 && size > 0)) throw new Error(`nothing can be published by "${request}"`);
	return messagesOf(size).slice(first, first + count);
}

/** The cycle, in letters. */
export function messagesOf(size: number): readonly string[] {
	const decoder = new TextDecoder();
	const messages =
		made.get(size) ?? Array.from({ length: CYCLE }, (_, i) => decoder.decode(makePayload("text", size, i + 1)));
	made.set(size, messages);
	return messages;
}
