import { readHeader } from "../../bench/load/frames.ts";

/** Takes the frames of a server apart, wherever the chunks end. */
export class Frames {
	private rest: Buffer = Buffer.alloc(0);

	/** The frames that are complete by now: first byte and payload. */
	*take(bytes: Buffer): Generator<{ readonly first: number; readonly payload: Buffer }> {
		// A copy in any case, as the bytes are only lent.
		const all = Buffer.concat([this.rest, bytes]);
		let at = 0;
		for (let header = readHeader(all, at); header !== null; header = readHeader(all, at)) {
			const { first, start, end } = header;
			if (end > all.length) break;
			at = end;
			yield { first, payload: all.subarray(start, end) };
		}
		this.rest = all.subarray(at);
	}
}
