import {
	type ChunkEvent,
	ChunkReader,
	type MessageEvent,
	MessageReader,
	type ReaderOptions,
	type Role,
} from "../src/index.ts";
import { concat, toHex, utf8 } from "./wire.ts";

/** An event as text, to compare and to print. */
export function describeEvent(event: MessageEvent): string {
	switch (event.type) {
		case "text":
			return `text ${toHex(utf8(event.text))}`;
		case "binary":
			return `binary ${toHex(event.bytes)}`;
		case "close":
			return `close ${event.code} ${event.reason}`;
		case "failed":
			return `failed ${event.failure.kind} ${event.failure.code}`;
		default:
			return `${event.type} ${toHex(event.payload)}`;
	}
}

/** Cuts at the given positions, taken modulo the length; every chunk is a copy, for the reader takes it over. */
export function cut(bytes: Uint8Array, positions: readonly number[]): Uint8Array[] {
	const sorted = [...new Set(positions.map((position) => position % (bytes.length + 1)))].sort((a, b) => a - b);
	const chunks: Uint8Array[] = [];
	let from = 0;
	for (const to of [...sorted, bytes.length]) {
		chunks.push(bytes.slice(from, to));
		from = to;
	}
	return chunks;
}

export function everyByte(bytes: Uint8Array): Uint8Array[] {
	return cut(
		bytes,
		Array.from(bytes, (_, i) => i),
	);
}

/** What the message level makes of it. `pauses[i]`: nothing is pulled between chunk i and the next one. */
export function readMessages(
	role: Role,
	chunks: readonly Uint8Array[],
	options: ReaderOptions = {},
	pauses: readonly boolean[] = [],
): string[] {
	const reader = new MessageReader(role, options);
	const events: MessageEvent[] = [];
	chunks.forEach((chunk, i) => {
		reader.receive(chunk.slice());
		if (pauses[i % Math.max(1, pauses.length)] === true && i < chunks.length - 1) return;
		for (let event = reader.next(); event !== null; event = reader.next()) events.push(event);
	});
	// Not before the end: a message has to outlive what is read after it.
	return events.map(describeEvent);
}

/** What the chunk level makes of it, as events. */
export function readChunkEvents(role: Role, chunks: readonly Uint8Array[], options: ReaderOptions = {}): ChunkEvent[] {
	const reader = new ChunkReader(role, options);
	const events: ChunkEvent[] = [];
	for (const chunk of chunks) {
		reader.receive(chunk.slice());
		for (let event = reader.next(); event !== null; event = reader.next()) events.push(event);
	}
	return events;
}

/** What the chunk level makes of it, its pieces joined to messages, as the message level would tell it. */
export function readChunks(role: Role, chunks: readonly Uint8Array[], options: ReaderOptions = {}): string[] {
	const told: string[] = [];
	let pieces: Uint8Array[] | null = null;
	for (const event of readChunkEvents(role, chunks, options)) {
		if (event.type !== "chunk") {
			told.push(describeEvent(event));
			continue;
		}
		if (event.first !== (pieces === null)) throw new Error("`first` is wrong");
		if (event.bytes.length === 0 && !event.last) throw new Error("an empty piece that isn't the last");
		pieces = [...(pieces ?? []), event.bytes.slice()];
		if (event.last) {
			told.push(`${event.kind} ${toHex(concat(pieces))}`);
			pieces = null;
		}
	}
	return told;
}
