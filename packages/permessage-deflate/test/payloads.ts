import fc from "fast-check";
import { concat, noise } from "./bytes.ts";

/** Random bytes, repetitive ones, and some of both. */
export const payload: fc.Arbitrary<Uint8Array> = fc.oneof(
	fc.uint8Array({ maxLength: 300 }),
	fc
		.tuple(fc.uint8Array({ minLength: 1, maxLength: 20 }), fc.nat(400))
		.map(([unit, times]) => concat(Array(times).fill(unit))),
	fc.tuple(fc.nat(5_000), fc.nat(3)).map(([length, seed]) => noise(length, seed)),
);

/** Bytes in pieces, of memory of their own. */
export function cut(bytes: Uint8Array, positions: readonly number[]): Uint8Array[] {
	const edges = [...new Set([0, ...positions.map((at) => at % (bytes.length + 1)), bytes.length])].toSorted(
		(a, b) => a - b,
	);
	return edges.slice(1).map((end, i) => bytes.slice(edges[i], end));
}
