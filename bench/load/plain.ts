import { clientFrame, frameHeader } from "./frames.ts";
import { makePayload } from "./payload.ts";
import type { Replies, Traffic } from "./traffic.ts";

/** So many different messages are sent in turn, each masked with a key of its own. */
const CYCLE = 4;

/** Messages of the same size that are not compressed: every byte that must come back is known beforehand. */
export function plainTraffic(kind: "text" | "binary", size: number, inFlight: number): Traffic {
	const payloads = Array.from({ length: CYCLE }, (_, seed) => makePayload(kind, size, seed + 1));
	const frames = payloads.map((payload, i) => clientFrame(kind, payload, 0x9e3779b1 * (i + 1)));
	const frameSize = frames[0]!.length;
	// The first `inFlight` of them once more: any run of up to so many is one view.
	const bytes = Buffer.concat(Array.from({ length: CYCLE + inFlight }, (_, i) => frames[i % CYCLE]!));
	const replies = payloads.map((payload) => Buffer.concat([frameHeader(kind, payload.length, false), payload]));
	const expected = Buffer.concat(replies);
	return {
		frames(first, count) {
			const from = first % CYCLE;
			return bytes.subarray(from * frameSize, (from + count) * frameSize);
		},
		replies: () => new PlainReplies(expected, replies[0]!.length),
	};
}

/** Replies of the same size that come in turn. */
export class PlainReplies implements Replies {
	readonly share: number = 1;
	private readonly expected: Buffer;
	private readonly size: number;
	/** Where in the cycle of replies the next byte belongs, and bytes of the reply that has begun. */
	private position = 0;
	private begun = 0;

	constructor(expected: Buffer, size: number) {
		this.expected = expected;
		this.size = size;
	}

	get isCut(): boolean {
		return this.begun > 0;
	}

	take(bytes: Buffer): number {
		const { expected, size } = this;
		for (let at = 0; at < bytes.length; ) {
			const end = Math.min(bytes.length, at + expected.length - this.position);
			const count = end - at;
			if (bytes.compare(expected, this.position, this.position + count, at, end) !== 0)
				throw new Error("the server sent something else than it should");
			this.position = (this.position + count) % expected.length;
			at = end;
		}
		const total = this.begun + bytes.length;
		const complete = Math.floor(total / size);
		this.begun = total - complete * size;
		return complete;
	}

	check(): void {}
}
