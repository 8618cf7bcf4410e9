import { Buffer } from "node:buffer";
import { readHeader } from "../../bench/load/frames.ts";
import { readValue, type Value } from "./value.ts";

const NOTHING = Buffer.alloc(0);
/** A longer frame is no value: its payload is passed over. */
const LONGEST_KEPT = 1024;

/** Takes the frames of a server apart, wherever the pieces end. */
export class FrameReader {
	private readonly onValue: (value: Value) => void;
	/** A frame that is no value: its first byte, and its payload unless it is long. */
	private readonly onOther: (first: number, payload: Buffer) => void;
	private rest: Buffer = NOTHING;
	/** Bytes that are left of a frame that is passed over. */
	private passedOver = 0;

	constructor(onValue: (value: Value) => void, onOther: (first: number, payload: Buffer) => void = () => {}) {
		this.onValue = onValue;
		this.onOther = onOther;
	}

	/** The bytes are only lent. */
	take(bytes: Buffer): void {
		const all = this.rest.length === 0 ? bytes : Buffer.concat([this.rest, bytes]);
		let at = this.passOver(all, 0);
		for (let header = readHeader(all, at); header !== null; header = readHeader(all, at)) {
			const { first, start, end } = header;
			if (end - start > LONGEST_KEPT) {
				this.onOther(first, NOTHING);
				this.passedOver = end - start;
				at = this.passOver(all, start);
				continue;
			}
			if (end > all.length) break;
			at = end;
			const value = readValue(all, start, end);
			if (value === null) this.onOther(first, all.subarray(start, end));
			else this.onValue(value);
		}
		this.rest = at === all.length ? NOTHING : Buffer.from(all.subarray(at));
	}

	private passOver(bytes: Buffer, at: number): number {
		const count = Math.min(this.passedOver, bytes.length - at);
		this.passedOver -= count;
		return at + count;
	}
}
