import { makeQuotes } from "./quotes.ts";

/**
 * So many different messages are sent in turn. Those of 1 KiB fill the largest window, so that no message is still in it
 * when its turn comes again.
 */
export const CYCLE = 48;

/** The bytes of messages that are sent in turn without end. */
export class Cycle {
	/** Twice, so that what comes before or after any message of a cycle is one view. */
	private readonly bytes: Buffer;
	/** Where the messages begin in them. */
	private readonly starts: number[] = [0];

	constructor(size: number) {
		const messages = Array.from({ length: CYCLE }, (_, i) => makeQuotes(size, i + 1));
		this.bytes = Buffer.concat([...messages, ...messages]);
		for (let i = 0; i < 2 * CYCLE; i++) this.starts.push(this.starts[i]! + messages[i % CYCLE]!.length);
	}

	/** The bytes of so many messages, from number `first` of a connection on; at most a cycle. */
	messages(first: number, count: number): Buffer {
		const from = first % CYCLE;
		return this.bytes.subarray(this.starts[from], this.starts[from + count]);
	}

	/** Up to `size` bytes that came before message number `first` of a connection. */
	before(first: number, size: number): Buffer {
		const end = this.starts[first < CYCLE ? first : CYCLE + (first % CYCLE)]!;
		return this.bytes.subarray(Math.max(0, end - size), end);
	}
}
