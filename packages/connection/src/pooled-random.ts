/** The number of random bytes fetched per call: a call to the system's generator costs more than the bytes. */
const POOL_SIZE = 1024;

/** Wraps a source of random bytes, so that it is called for many bytes at a time. */
export function pooledRandom(random: (into: Uint8Array) => void): (into: Uint8Array) => void {
	const pool = new Uint8Array(POOL_SIZE);
	let used = POOL_SIZE;
	return (into) => {
		if (into.length > POOL_SIZE) return random(into);
		if (used + into.length > POOL_SIZE) {
			random(pool);
			used = 0;
		}
		for (let at = 0; at < into.length; at++) into[at] = pool[used++];
	};
}
