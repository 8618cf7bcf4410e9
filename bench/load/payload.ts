/** Numbers of 32 bits without a pattern; the same in every run. The upper bits are the random ones. */
export function randomNumbers(seed: number): () => number {
	let state = seed;
	// A linear congruential generator (Numerical Recipes).
	return () => {
		state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
		return state;
	};
}

/** Letters for a text, any bytes for a binary message; the same in every run. */
export function makePayload(kind: "text" | "binary", size: number, seed: number): Uint8Array {
	const payload = new Uint8Array(size);
	const next = randomNumbers(seed);
	for (let i = 0; i < size; i++) payload[i] = kind === "text" ? 0x61 + ((next() >>> 24) % 26) : next() >>> 24;
	return payload;
}
