import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import { CYCLE, Cycle } from "./cycle.ts";
import { clientFrame, RSV1, readHeader } from "./frames.ts";
import type { Replies, Traffic } from "./traffic.ts";

/** RFC 7692 §7.2.1: the four bytes that a sync flush leaves at the end, and that are not sent. */
const TAIL = Buffer.from([0x00, 0x00, 0xff, 0xff]);
const LARGEST_WINDOW = 2 ** 15;
const PING = 0x89;

const FLUSH = { flush: constants.Z_SYNC_FLUSH, finishFlush: constants.Z_SYNC_FLUSH } as const;

/**
 * JSON, compressed as a browser does (zlib's defaults) within what the server's response leaves it. The frames are those of
 * two cycles. A message of the second one refers back to the first; and as every further cycle has the same before it, the
 * second one's frames are right for all of them.
 */
export function deflatedTraffic(size: number, inFlight: number, extensions: string): Traffic {
	const windowBits = Number(/\bclient_max_window_bits="?(\d+)/.exec(extensions)?.[1] ?? 15);
	const takesOver = !/\bclient_no_context_takeover\b/.test(extensions);
	const cycle = new Cycle(size);
	const frames = Array.from({ length: 2 * CYCLE }, (_, i) => {
		const dictionary = cycle.before(i, takesOver ? 2 ** windowBits : 0);
		const deflated = deflateRawSync(cycle.messages(i, 1), {
			...FLUSH,
			windowBits: Math.max(windowBits, 9),
			dictionary,
		});
		const frame = clientFrame("text", deflated.subarray(0, -TAIL.length), 0x9e3779b1 * (i + 1));
		frame[0]! |= RSV1;
		return frame;
	});
	// The first `inFlight` of the second cycle once more: any run of up to so many is one view.
	const all = [...frames, ...frames.slice(CYCLE, CYCLE + inFlight)];
	const bytes = Buffer.concat(all);
	const starts = [0];
	for (const [i, { length }] of all.entries()) starts.push(starts[i]! + length);
	return {
		frames(first, count) {
			const from = first < CYCLE ? first : CYCLE + (first % CYCLE);
			return bytes.subarray(starts[from], starts[from + count]);
		},
		replies: () => new DeflatedReplies(cycle),
	};
}

/** Replies whose bytes nobody knows beforehand, as each implementation of DEFLATE finds its own. */
class DeflatedReplies implements Replies {
	private readonly cycle: Cycle;
	/** Bytes of a frame that is not complete. */
	private cut: Buffer = Buffer.alloc(0);
	/** Payloads to be checked. */
	private kept: Buffer[] = [];
	private checked = 0;
	private wire = 0;
	private plain = 0;

	constructor(cycle: Cycle) {
		this.cycle = cycle;
	}

	get isCut(): boolean {
		return this.cut.length > 0;
	}

	get share(): number {
		return this.plain === 0 ? 1 : this.wire / this.plain;
	}

	take(bytes: Buffer): number {
		// A copy in any case, as the bytes are only lent.
		const received = Buffer.concat([this.cut, bytes]);
		const before = this.kept.length;
		let at = 0;
		for (let header = readHeader(received, at); header !== null; header = readHeader(received, at)) {
			const { first, start, end } = header;
			if (end > received.length) break;
			at = end;
			// A busy connection need not answer it: whatever comes is a sign of life.
			if (first === PING) continue;
			if (first !== (0x81 | RSV1)) throw new Error(`the server sent no compressed text, but 0x${first.toString(16)}`);
			this.kept.push(received.subarray(start, end));
		}
		this.cut = received.subarray(at);
		return this.kept.length - before;
	}

	// A cycle at a time: to a decompressor the messages, with their tails, are one stream.
	check(): void {
		for (let from = 0; from < this.kept.length; ) {
			const count = Math.min(CYCLE - (this.checked % CYCLE), this.kept.length - from);
			const payloads = this.kept.slice(from, from + count);
			const expected = this.cycle.messages(this.checked, count);
			const dictionary = this.cycle.before(this.checked, LARGEST_WINDOW);
			const deflated = Buffer.concat(payloads.flatMap((payload) => [payload, TAIL]));
			if (!inflateRawSync(deflated, { ...FLUSH, dictionary }).equals(expected))
				throw new Error(`the server sent something else than an echo, from its reply ${this.checked + 1} on`);
			this.wire += payloads.reduce((sum, { length }) => sum + length, 0);
			this.plain += expected.length;
			this.checked += count;
			from += count;
		}
		this.kept = [];
	}
}
