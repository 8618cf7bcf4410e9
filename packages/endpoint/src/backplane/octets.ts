// Numbers are written as in LEB128: seven bits per octet, the lowest first, and the highest bit set if more follow.

/** Writes the parts of a head. */
export class OctetWriter {
	#bytes = new Uint8Array(256);
	#length: number = 0;

	octet(value: number): this {
		this.#makeRoom(1);
		this.#bytes[this.#length++] = value;
		return this;
	}

	/** A whole number from 0 to 2^53 - 1. */
	number(value: number): this {
		this.#makeRoom(8);
		let rest = value;
		for (; rest > 0x7f; rest = Math.floor(rest / 128)) this.#bytes[this.#length++] = 0x80 | (rest % 128);
		this.#bytes[this.#length++] = rest;
		return this;
	}

	octets(bytes: Uint8Array): this {
		this.#makeRoom(bytes.length);
		this.#bytes.set(bytes, this.#length);
		this.#length += bytes.length;
		return this;
	}

	/** Any string, also one with lone surrogates: its length and its code units. */
	text(text: string): this {
		this.number(text.length);
		for (let i = 0; i < text.length; i++) this.number(text.charCodeAt(i));
		return this;
	}

	get length(): number {
		return this.#length;
	}

	/** What was written. The writer begins anew. */
	taken(): Uint8Array<ArrayBuffer> {
		const taken = this.#bytes.slice(0, this.#length);
		this.#length = 0;
		return taken;
	}

	/** What was written, with a payload behind it. The writer begins anew. */
	takenWith(payload: Uint8Array): Uint8Array<ArrayBuffer> {
		const taken = new Uint8Array(this.#length + payload.length);
		taken.set(this.#bytes.subarray(0, this.#length));
		taken.set(payload, this.#length);
		this.#length = 0;
		return taken;
	}

	#makeRoom(length: number): void {
		if (this.#length + length <= this.#bytes.length) return;
		const larger = new Uint8Array(2 * (this.#length + length));
		larger.set(this.#bytes.subarray(0, this.#length));
		this.#bytes = larger;
	}
}

/** Thrown by `OctetReader`; whoever reads catches it. */
export class Malformed extends Error {
	override readonly name: string = "Malformed";
}

/** Reads what `OctetWriter` has written. Throws `Malformed` at the end of the bytes. */
export class OctetReader {
	readonly #bytes: Uint8Array;
	#offset: number = 0;

	constructor(bytes: Uint8Array) {
		this.#bytes = bytes;
	}

	octet(): number {
		const octet = this.#bytes[this.#offset];
		if (octet === undefined) throw new Malformed();
		this.#offset++;
		return octet;
	}

	number(): number {
		let value = 0;
		for (let factor = 1; ; factor *= 128) {
			const octet = this.octet();
			value += (octet & 0x7f) * factor;
			if (value > Number.MAX_SAFE_INTEGER) throw new Malformed();
			if (octet < 0x80) return value;
			if (factor > Number.MAX_SAFE_INTEGER) throw new Malformed();
		}
	}

	octets(length: number): Uint8Array {
		if (this.#offset + length > this.#bytes.length) throw new Malformed();
		const octets = this.#bytes.subarray(this.#offset, this.#offset + length);
		this.#offset += length;
		return octets;
	}

	text(): string {
		const length = this.number();
		if (length > this.#bytes.length - this.#offset) throw new Malformed();
		let text = "";
		for (let i = 0; i < length; i++) text += String.fromCharCode(this.number());
		return text;
	}

	/** All that is left. */
	rest(): Uint8Array {
		return this.octets(this.#bytes.length - this.#offset);
	}
}
