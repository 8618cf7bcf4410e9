import { type MessageEvent, MessageReader, type ReaderOptions, type Role } from "../src/index.ts";
import { concat, toHex, utf8 } from "./wire.ts";

/** An event as text, to compare and to print. */
export function describeEvent(event: MessageEvent): string {
	switch (event.type) {
		case "text":
			return `text ${toHex(utf8(event.text))}`;
		case "binary":
			return `binary ${toHex(event.bytes)}`;
		case "utf8":
			return `utf8 ${toHex(event.bytes)}`;
		case "part":
			return `${event.first ? "first " : ""}${event.last ? "last " : ""}part ${event.kind} ${toHex(event.bytes)}`;
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

/** All events. `pauses[i]`: nothing is asked for between chunk i and the next one. */
export function readEvents(
	role: Role,
	chunks: readonly Uint8Array[],
	options: ReaderOptions = {},
	pauses: readonly boolean[] = [],
): MessageEvent[] {
	const reader = new MessageReader(role, options);
	const events: MessageEvent[] = [];
	chunks.forEach((chunk, i) => {
		reader.receive(chunk.slice());
		if (pauses[i % Math.max(1, pauses.length)] === true && i < chunks.length - 1) return;
		for (let event = reader.next(); event !== null || reader.hasMore; event = reader.next())
			if (event !== null) events.push(event);
	});
	return events;
}

/** The events of a reader of whole messages, a line for each. */
export function readMessages(
	role: Role,
	chunks: readonly Uint8Array[],
	options: ReaderOptions = {},
	pauses: readonly boolean[] = [],
): string[] {
	// Not before the end: a message has to outlive what is read after it.
	return readEvents(role, chunks, options, pauses).map(describeEvent);
}

/** The events of a reader of parts, joined to messages, as a reader of whole messages would tell them. */
export function readParts(
	role: Role,
	chunks: readonly Uint8Array[],
	options: ReaderOptions = {},
	pauses: readonly boolean[] = [],
): string[] {
	return joinParts(readEvents(role, chunks, { ...options, parts: true }, pauses));
}

const strictDecoder = new TextDecoder("utf-8", { fatal: true });

/** The lines of events whose parts are joined. Throws when a part is none. */
export function joinParts(events: readonly MessageEvent[]): string[] {
	const told: string[] = [];
	let parts: Uint8Array[] | null = null;
	for (const event of events) {
		if (event.type !== "part") {
			told.push(describeEvent(event));
			continue;
		}
		if (event.first !== (parts === null)) throw new Error("`first` is wrong");
		if (event.bytes.length === 0 && !event.last) throw new Error("an empty part that isn't the last");
		// Throws for a part that cuts a character.
		if (event.kind === "text") strictDecoder.decode(event.bytes);
		parts = [...(parts ?? []), event.bytes];
		if (event.last) {
			told.push(`${event.kind} ${toHex(concat(parts))}`);
			parts = null;
		}
	}
	return told;
}
