import type { SlowPolicy } from "../publish.ts";
import type { CarriedMessage } from "./backplane.ts";
import { Malformed, OctetReader, OctetWriter } from "./octets.ts";

// What backplanes send to one another: a head of the version, the kind and the sender's id, and what belongs to the kind. A
// receiver drops and counts what it does not know, so that servers of two versions can run side by side.

const VERSION = 1;

/** Octets of the id of a backplane. It is random: a server that starts again is another publisher. */
export const ID_LENGTH = 8;

const KIND = { message: 1, beat: 2, present: 3, ask: 4, answer: 5, count: 6, counted: 7 } as const;

/** How far a publisher has come on a channel. */
export interface Position {
	readonly channel: string;
	/** Grows whenever the publisher begins to number the channel from 1. 0: it has published nothing. */
	readonly epoch: number;
	/** The number of its last message. */
	readonly number: number;
}

/** What a backplane sends to others. `from`: the id of the sender. */
export type Wire = { readonly from: string } & (
	| ({ readonly kind: "message"; readonly epoch: number; readonly number: number } & Omit<CarriedMessage, "topic">)
	/** A heartbeat, with the positions that have changed since the one before. `number`: they are numbered from 1. */
	| {
			readonly kind: "beat";
			readonly number: number;
			/** The sender wants to know who is there. */
			readonly isHello: boolean;
			/** The sender leaves. */
			readonly isBye: boolean;
			/** How often the sender could not keep what it had to announce. */
			readonly losses: number;
			readonly positions: readonly Position[];
	  }
	/** Answers a hello. `number` and `losses`: those of the last heartbeat. */
	| { readonly kind: "present"; readonly number: number; readonly losses: number }
	/** Asks for positions. */
	| { readonly kind: "ask"; readonly question: number; readonly channels: readonly string[] }
	/** The positions that were asked for. A channel that is missing has epoch 0. */
	| { readonly kind: "answer"; readonly question: number; readonly positions: readonly Position[] }
	/** Asks for the number of subscribers of a channel. */
	| { readonly kind: "count"; readonly question: number; readonly channel: string }
	| { readonly kind: "counted"; readonly question: number; readonly count: number }
);

/** What is sent, without its sender. */
export type Outgoing = Without<Exclude<Wire, { kind: "message" }>>;
type Without<Each> = Each extends unknown ? Omit<Each, "from"> : never;

const SLOW: readonly (SlowPolicy | null)[] = [null, "wait", "drop", "latest", "disconnect"];
const TEXT = 1;
const PLAIN = 2;
const KEY = 4;
const SLOW_SHIFT = 3;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Encodes what one backplane sends. */
export class WireWriter {
	readonly #id: Uint8Array;
	readonly #writer: OctetWriter = new OctetWriter();

	constructor(id: Uint8Array) {
		this.#id = id;
	}

	#head(kind: keyof typeof KIND): OctetWriter {
		return this.#writer.octet(VERSION).octet(KIND[kind]).octets(this.#id);
	}

	/** The payload is copied. */
	message({ message, plain, slow, key }: CarriedMessage, epoch: number, number: number): Uint8Array<ArrayBuffer> {
		const isText = typeof message === "string";
		const flags =
			(isText ? TEXT : 0) | (plain ? PLAIN : 0) | (key === null ? 0 : KEY) | (SLOW.indexOf(slow) << SLOW_SHIFT);
		const writer = this.#head("message").octet(flags).number(epoch).number(number);
		if (key !== null) writer.text(key);
		return writer.takenWith(isText ? encoder.encode(message) : message);
	}

	other(outgoing: Outgoing): Uint8Array<ArrayBuffer> {
		const writer = this.#head(outgoing.kind);
		switch (outgoing.kind) {
			case "beat":
				writer.octet((outgoing.isHello ? 1 : 0) | (outgoing.isBye ? 2 : 0));
				writer.number(outgoing.number).number(outgoing.losses);
				return positions(writer, outgoing.positions).taken();
			case "present":
				return writer.number(outgoing.number).number(outgoing.losses).taken();
			case "ask":
				writer.number(outgoing.question).number(outgoing.channels.length);
				for (const channel of outgoing.channels) writer.text(channel);
				return writer.taken();
			case "answer":
				return positions(writer.number(outgoing.question), outgoing.positions).taken();
			case "count":
				return writer.number(outgoing.question).text(outgoing.channel).taken();
			case "counted":
				return writer.number(outgoing.question).number(outgoing.count).taken();
		}
	}
}

function positions(writer: OctetWriter, list: readonly Position[]): OctetWriter {
	writer.number(list.length);
	for (const { channel, epoch, number } of list) writer.text(channel).number(epoch).number(number);
	return writer;
}

/** Bytes that a position of this channel takes at most. */
export function sizeOfPosition(channel: string): number {
	return channel.length + 2 * 8 + 2;
}

const HEXADECIMAL = Array.from({ length: 256 }, (_, octet) => octet.toString(16).padStart(2, "0"));

/** The id of a backplane as it is written in names: hexadecimal. */
export function idText(id: Uint8Array): string {
	let text = "";
	for (const octet of id) text += HEXADECIMAL[octet];
	return text;
}

/** Decodes what another backplane has sent. `own`: from this backplane itself; null: unknown or malformed. */
export function readWire(bytes: Uint8Array, ownId: string): Wire | "own" | null {
	try {
		const reader = new OctetReader(bytes);
		if (reader.octet() !== VERSION) return null;
		const kind = reader.octet();
		const from = idText(reader.octets(ID_LENGTH));
		return from === ownId ? "own" : read(reader, kind, from);
	} catch (error) {
		// The decoder of UTF-8 throws a TypeError.
		if (error instanceof Malformed || error instanceof TypeError) return null;
		throw error;
	}
}

function read(reader: OctetReader, kind: number, from: string): Wire | null {
	switch (kind) {
		case KIND.message:
			return readMessage(reader, from);
		case KIND.beat: {
			const flags = reader.octet();
			const number = reader.number();
			const losses = reader.number();
			const isHello = (flags & 1) !== 0;
			const isBye = (flags & 2) !== 0;
			return { kind: "beat", from, number, losses, isHello, isBye, positions: readPositions(reader) };
		}
		case KIND.present:
			return { kind: "present", from, number: reader.number(), losses: reader.number() };
		case KIND.ask: {
			const question = reader.number();
			return { kind: "ask", from, question, channels: list(reader, () => reader.text()) };
		}
		case KIND.answer: {
			const question = reader.number();
			return { kind: "answer", from, question, positions: readPositions(reader) };
		}
		case KIND.count: {
			const question = reader.number();
			return { kind: "count", from, question, channel: reader.text() };
		}
		case KIND.counted: {
			const question = reader.number();
			return { kind: "counted", from, question, count: reader.number() };
		}
		default:
			return null;
	}
}

function readMessage(reader: OctetReader, from: string): Wire | null {
	const flags = reader.octet();
	const slow = SLOW[flags >>> SLOW_SHIFT];
	if (slow === undefined) return null;
	const epoch = reader.number();
	const number = reader.number();
	const key = (flags & KEY) === 0 ? null : reader.text();
	const payload = reader.rest();
	const message = (flags & TEXT) === 0 ? payload : decoder.decode(payload);
	return { kind: "message", from, epoch, number, message, plain: (flags & PLAIN) !== 0, slow, key };
}

function readPositions(reader: OctetReader): readonly Position[] {
	return list(reader, () => ({ channel: reader.text(), epoch: reader.number(), number: reader.number() }));
}

/** The items are read one by one, so a wrong number of them allocates nothing. */
function list<Item>(reader: OctetReader, item: () => Item): readonly Item[] {
	const items: Item[] = [];
	for (let left = reader.number(); left > 0; left--) items.push(item());
	return items;
}
