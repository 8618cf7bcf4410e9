/** What is published: so many values a second, of so many keys in turn. */
export const KEYS = 50;
export const VALUES_PER_SECOND = 1000;

/** Bytes of a value's frame, and of its payload: there is a header of 4 bytes. */
export const FRAME = 256;
const PAYLOAD: number = FRAME - 4;

export interface Value {
	readonly key: number;
	/** Values are counted from 0 on, whatever their key. */
	readonly number: number;
	/** When it was published, by `now()`. */
	readonly time: number;
}

/** Milliseconds of the system's clock, which all processes share: within half a millisecond. */
export function now(): number {
	return performance.timeOrigin + performance.now();
}

export function valueBytes({ key, number, time }: Value): Uint8Array {
	const bytes = new Uint8Array(PAYLOAD);
	const view = new DataView(bytes.buffer);
	view.setUint32(0, key);
	view.setUint32(4, number);
	view.setFloat64(8, time);
	return bytes;
}

/** The value in the payload of a frame; null: it has none. */
export function readValue(bytes: Buffer, start: number, end: number): Value | null {
	if (end - start !== PAYLOAD) return null;
	return { key: bytes.readUInt32BE(start), number: bytes.readUInt32BE(start + 4), time: bytes.readDoubleBE(start + 8) };
}
