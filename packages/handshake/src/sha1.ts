// FIPS 180-4 §6.1. The digest of Web Crypto is asynchronous, and waiting for it would add a state to the handshake. SHA-1 is not used for
// security here: it only proves that the server has read the key (RFC 6455 §10.8). So a short implementation is sufficient.

/** The 80 words of the current block. All digests share this array, because allocating a new one would take a third of the time. */
const w: Int32Array = /* @__PURE__ */ new Int32Array(80);

/** The SHA-1 digest, 20 bytes, of a message shorter than 512 MiB (whose length in bits fits into 32 bits). */
export function sha1(message: Uint8Array): Uint8Array {
	// FIPS 180-4 §5.1.1: the byte 0x80, zeros, and the length in bits as the last 64 bits of a 64-byte block.
	const padded = new Uint8Array((message.length + 72) & ~63);
	padded.set(message);
	padded[message.length] = 0x80;
	const view = new DataView(padded.buffer);
	view.setUint32(padded.length - 4, message.length * 8);

	// Int32Array stores values modulo 2^32. The sum of five numbers below 2^32 is exact in a double.
	const hash = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0);
	for (let block = 0; block < padded.length; block += 64) {
		let a = hash[0];
		let b = hash[1];
		let c = hash[2];
		let d = hash[3];
		let e = hash[4];
		for (let t = 0; t < 80; t++) {
			w[t] = t < 16 ? view.getInt32(block + 4 * t) : rotateLeft(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
			let mix = b ^ c ^ d;
			if (t < 20) mix = ((b & c) | (~b & d)) + 0x5a827999;
			else if (t < 40) mix += 0x6ed9eba1;
			else if (t < 60) mix = ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc;
			else mix += 0xca62c1d6;
			const next = (rotateLeft(a, 5) + mix + e + w[t]) | 0;
			e = d;
			d = c;
			c = rotateLeft(b, 30);
			b = a;
			a = next;
		}
		hash[0] += a;
		hash[1] += b;
		hash[2] += c;
		hash[3] += d;
		hash[4] += e;
	}

	// Write the result in network byte order, independent of the byte order of this machine.
	hash.forEach((word, index) => {
		view.setInt32(4 * index, word);
	});
	return padded.subarray(0, 20);
}

function rotateLeft(word: number, bits: number): number {
	return (word << bits) | (word >>> (32 - bits));
}
