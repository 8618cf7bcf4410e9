import { type Extension, type FailureKind, RSV1 } from "../src/index.ts";

/** A call of `decode`: the bytes of its piece, and what else it was told. */
type Call = readonly [piece: number, last: boolean, room: number, most: number];

/**
 * An extension that makes of each byte `times` of them. It leaves what would make more than about `most`, or `limit`. The calls
 * are noted.
 */
export function repeating(times: number, limit: number = Number.POSITIVE_INFINITY, rsv: number = RSV1) {
	const calls: Call[] = [];
	const extension = {
		name: "x-repeating",
		rsv,
		shared: null,
		left: 0,
		calls,
		snapshot: () => ({ ok: true as const, state: null }),
		release() {},
		decode(piece: Uint8Array, last: boolean, room: number, most: number): Uint8Array | FailureKind {
			calls.push([piece.length, last, room, most]);
			const taken = Math.min(piece.length, Math.ceil(Math.min(most, limit) / times));
			extension.left = piece.length - taken;
			if (taken * times > room) return "message-too-big";
			const output = new Uint8Array(taken * times);
			for (let i = 0; i < taken; i++) output.fill(piece[i]!, i * times, (i + 1) * times);
			return output;
		},
		outgoingRsv: () => 0,
		encode: (piece: Uint8Array) => piece,
		encodeShared: (payload: Uint8Array) => payload,
	} satisfies Extension & { calls: Call[] };
	return extension;
}
