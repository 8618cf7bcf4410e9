/** Letters for a text, any octets for a binary message; the same in every run. */
export function makePayload(kind: "text" | "binary", size: number, seed: number): Uint8Array {
	const payload = new Uint8Array(size);
	let state = seed;
	for (let i = 0; i < size; i++) {
		// A linear congruential generator (Numerical Recipes); its upper bits are the random ones.
		state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
		payload[i] = kind === "text" ? 0x61 + ((state >>> 24) % 26) : state >>> 24;
	}
	return payload;
}
