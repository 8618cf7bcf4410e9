import type { ConnectionSnapshot } from "@barewire/connection";

/** Larger than any snapshot of a walk. */
const bytes: Buffer = Buffer.alloc(8192);
let size = 0;

/**
 * Plain data as canonical bytes, in a string of one character for each: the values alone, in the order in which `snapshot()`
 * writes its fields. As the fields are always the same, two snapshots have the same bytes only when they are equal.
 */
export function canonical(value: unknown): string {
	size = 0;
	write(value);
	// What is written behind the end of a buffer is lost.
	if (size > bytes.length) throw new Error("the snapshot is too large for a walk");
	return bytes.toString("latin1", 0, size);
}

// Bytes below 0xf0 are small numbers.
const [NUMBER, TRUE, FALSE, TEXT, NULL, BYTES, FIELDS, END] = [0xf0, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7];

function write(value: unknown): void {
	if (typeof value === "number") return writeNumber(value);
	if (typeof value === "boolean") return put(value ? TRUE : FALSE);
	if (value === null) return put(NULL);
	if (typeof value === "string") {
		put(TEXT);
		writeNumber(value.length);
		for (let i = 0; i < value.length; i++) writeNumber(value.charCodeAt(i));
	} else if (value instanceof Uint8Array) {
		put(BYTES);
		writeNumber(value.length);
		for (const byte of value) put(byte);
	} else {
		put(FIELDS);
		for (const field of Object.values(value as object)) write(field);
		put(END);
	}
}

function writeNumber(value: number): void {
	if (Number.isInteger(value) && value >= 0 && value < NUMBER) return put(value);
	put(NUMBER);
	size = size + 8 > bytes.length ? Number.POSITIVE_INFINITY : bytes.writeDoubleLE(value, size);
}

function put(byte: number): void {
	bytes[size++] = byte;
}

/**
 * The snapshot with one set of times for all that lead to the same future. Nothing looks at `pending` where nothing more is read.
 *
 * `sinceInput` is for what is still to be read: where a step leaves some of that, it is 0, for the step was an input. All other times
 * are deadlines: whole numbers between 0 and the settings'. What the peer may not have read only puts deadlines off: whether there is
 * any is all that counts here, or pings without an answer would add up for ever.
 */
export function normalised(snapshot: ConnectionSnapshot): ConnectionSnapshot {
	const { life, pending, sender } = snapshot;
	const unread = sender.unread === null ? null : { all: 0, behindPing: 0, pings: Math.min(sender.unread.pings, 1) };
	return {
		...snapshot,
		sender: { ...sender, unread },
		sinceInput: 0,
		pending: life.inbound === "open" ? pending : 0,
	};
}
