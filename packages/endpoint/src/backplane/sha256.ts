// SHA-256 (FIPS 180-4). Web Crypto only has it as a promise, and a channel must be known when `publish` is called.

/** FIPS 180-4 §4.2.2 and §5.3.3: "the first thirty-two bits of the fractional parts" of roots of the first primes. */
function rootsOfPrimes(count: number, exponent: number): Uint32Array {
	const words = new Uint32Array(count);
	for (let prime = 2, found = 0; found < count; prime++) {
		if (isPrime(prime)) words[found++] = fraction(prime, exponent);
	}
	return words;
}

function isPrime(value: number): boolean {
	for (let divisor = 2; divisor * divisor <= value; divisor++) if (value % divisor === 0) return false;
	return true;
}

function fraction(prime: number, exponent: number): number {
	const root = prime ** exponent;
	return (root - Math.floor(root)) * 2 ** 32;
}

const K = rootsOfPrimes(64, 1 / 3);
const START = rootsOfPrimes(8, 1 / 2);

function rotated(word: number, by: number): number {
	return (word >>> by) | (word << (32 - by));
}

/** The hash in hexadecimal digits. */
export function sha256Hex(bytes: Uint8Array): string {
	// §5.1.1: "append the bit "1" to the end of the message, followed by k zero bits", then its length in bits.
	const padded = new Uint8Array(Math.ceil((bytes.length + 9) / 64) * 64);
	padded.set(bytes);
	padded[bytes.length] = 0x80;
	const view = new DataView(padded.buffer);
	view.setBigUint64(padded.length - 8, BigInt(bytes.length) * 8n);
	const state = START.slice();
	const schedule = new Uint32Array(64);
	for (let offset = 0; offset < padded.length; offset += 64) compress(state, schedule, view, offset);
	return [...state].map((word) => word.toString(16).padStart(8, "0")).join("");
}

/** FIPS 180-4 §6.2.2. The single letters are those of the standard. */
function compress(state: Uint32Array, w: Uint32Array, block: DataView, offset: number): void {
	for (let t = 0; t < 16; t++) w[t] = block.getUint32(offset + 4 * t);
	for (let t = 16; t < 64; t++) {
		const early = w[t - 15] as number;
		const late = w[t - 2] as number;
		const sigma0 = rotated(early, 7) ^ rotated(early, 18) ^ (early >>> 3);
		const sigma1 = rotated(late, 17) ^ rotated(late, 19) ^ (late >>> 10);
		w[t] = sigma1 + (w[t - 7] as number) + sigma0 + (w[t - 16] as number);
	}
	let [a, b, c, d, e, f, g, h] = state as unknown as [number, number, number, number, number, number, number, number];
	for (let t = 0; t < 64; t++) {
		const choice = (e & f) ^ (~e & g);
		const majority = (a & b) ^ (a & c) ^ (b & c);
		const first = h + (rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)) + choice + (K[t] as number) + (w[t] as number);
		const second = (rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)) + majority;
		h = g;
		g = f;
		f = e;
		e = (d + first) | 0;
		d = c;
		c = b;
		b = a;
		a = (first + second) | 0;
	}
	for (const [index, word] of [a, b, c, d, e, f, g, h].entries()) state[index] = (state[index] as number) + word;
}
