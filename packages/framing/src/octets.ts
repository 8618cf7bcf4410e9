/** The chunk of a reader that has none. */
export const NO_OCTETS: Uint8Array = new Uint8Array(0);

/**
 * Below this many octets a loop copies faster than `set`, whose call into the engine costs about as much as copying
 * forty octets by hand. Found by bench/micro/framing.ts.
 */
const SET_FROM = 48;

/** Copies `source[from, to)` to `target` at `at`. */
export function copyOctets(target: Uint8Array, at: number, source: Uint8Array, from: number, to: number): void {
	if (to - from < SET_FROM) {
		for (let i = from, j = at; i < to; i++, j++) target[j] = source[i];
	} else {
		target.set(from === 0 && to === source.length ? source : source.subarray(from, to), at);
	}
}
