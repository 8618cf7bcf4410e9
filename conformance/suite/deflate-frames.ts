import { concat } from "../arbitraries/bytes.ts";
import { type RawDeflater, TAIL } from "./raw-deflate.ts";
import { frame, measure } from "./wire-frames.ts";

const [FIN, RSV, RSV1, CONTROL, OPCODE] = [0x80, 0x70, 0x40, 0x08, 0x0f];

/** A frame of a data message that is whole and in order; its first byte, and its payload. */
interface DataFrame {
	readonly at: number;
	readonly first: number;
	readonly payload: Uint8Array;
}

/**
 * The same messages compressed, as a peer sends them: a message as a whole, cut into as many fragments at about the same
 * places (RFC 7692 §6.1), and RSV1 on the first. Control frames, and frames that have reserved bits already, stay what they are.
 * Of a frame whose header or payload is not all there, or not sound, only the first byte changes: it breaks the same rule
 * inside of a compressed message.
 */
export function deflateFrames(sends: readonly Uint8Array[], deflater: RawDeflater): Uint8Array[] {
	const result = [...sends];
	let message: DataFrame[] = [];
	const finish = (isWhole: boolean): void => {
		if (message.length > 0) compress(message, isWhole, deflater, result);
		message = [];
	};
	for (const [at, bytes] of sends.entries()) {
		if (bytes.length === 0 || (bytes[0] & (CONTROL | RSV)) !== 0) continue;
		const first = bytes[0];
		const begins = (first & OPCODE) !== 0;
		if (begins) finish(false);
		const size = measure(bytes);
		const isSound = size !== null && bytes.length === size.header + size.payload && isMinimal(size);
		if (isSound && (begins || message.length > 0)) message.push({ at, first, payload: bytes.subarray(size.header) });
		else if (begins) result[at] = concat([Uint8Array.of(first | RSV1), bytes.subarray(1)]);
		if ((first & FIN) !== 0) finish(true);
	}
	finish(false);
	return result;
}

function isMinimal({ header, payload }: { header: number; payload: number }): boolean {
	return header === (payload < 126 ? 2 : payload < 65_536 ? 4 : 10);
}

/** Puts the message's frames into their places. */
function compress(frames: readonly DataFrame[], isWhole: boolean, deflater: RawDeflater, result: Uint8Array[]): void {
	const message = concat(frames.map(({ payload }) => payload));
	const deflated = deflater.message(message);
	// A message that goes on keeps the tail.
	const payload = isWhole ? deflated : concat([deflated, TAIL]);
	let passed = 0;
	let from = 0;
	for (const [i, { at, first, payload: plain }] of frames.entries()) {
		passed += plain.length;
		const part = message.length === 0 ? (i + 1) / frames.length : passed / message.length;
		const isLast = i === frames.length - 1;
		const to = isLast ? payload.length : Math.floor(payload.length * part);
		result[at] = frame(i === 0 ? first | RSV1 : first, payload.subarray(from, to));
		from = to;
	}
}
