/**
 * A source of randomness that is none: it counts, so that a client's key and masking keys are the same in each run. A
 * new function each time, because masking keys are pooled by function.
 */
export function fixedRandom(): (into: Uint8Array) => void {
	let next = 0;
	return (into) => {
		for (let i = 0; i < into.length; i++) into[i] = (next++ * 167 + 13) & 0xff;
	};
}
