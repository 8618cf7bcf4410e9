import {
	type FieldLine,
	type HttpLimits,
	type RequestEvent,
	RequestReader,
	type ResponseEvent,
	ResponseReader,
} from "../src/index.ts";
import type { Vector } from "./vectors.ts";

/** Bytes from text, one per character. */
export function latin1(text: string): Uint8Array {
	return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** Text from bytes, one character each. */
export function text(bytes: Uint8Array): string {
	return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}

/** Everything that can be seen of a stream, with the pieces of each body joined. */
export interface Outcome {
	readonly events: readonly (
		| Exclude<RequestEvent | ResponseEvent, { type: "body" }>
		| { type: "body"; text: string }
	)[];
	/** What `takeRest` gives in the end. */
	readonly rest: string | null;
}

export function readerFor(vector: Vector): RequestReader | ResponseReader {
	if (vector.from === "client") return new RequestReader(vector.limits);
	const reader = new ResponseReader(vector.limits);
	for (const method of vector.methods ?? ["GET"]) reader.expect(method);
	return reader;
}

/**
 * Feeds the stream in pieces, copied so that nobody depends on neighbouring memory. `pulls` says how often `next` is
 * called behind each piece, round and round; at the end everything is pulled.
 */
export function outcome(vector: Vector, cuts: readonly number[] = [], pulls: readonly number[] = [Infinity]): Outcome {
	const reader = readerFor(vector);
	const bytes = latin1(vector.text);
	const events: Outcome["events"][number][] = [];
	const pull = (times: number): void => {
		for (let count = 0; count < times; count++) {
			const event = reader.next();
			if (event === null) return;
			const last = events.at(-1);
			if (event.type !== "body") events.push(event);
			else if (last?.type === "body") events[events.length - 1] = { type: "body", text: last.text + text(event.bytes) };
			else events.push({ type: "body", text: text(event.bytes) });
		}
	};
	const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
	let start = 0;
	for (const [index, end] of ends.entries()) {
		reader.receive(bytes.slice(start, end));
		start = end;
		pull(pulls[index % pulls.length] ?? 0);
	}
	if (vector.ends) reader.receiveEnd();
	pull(Infinity);
	const rest = reader.takeRest();
	return { events, rest: rest === null ? null : text(rest) };
}

/** The events of a client's stream that breaks no rule. */
export function requestEvents(stream: string, limits?: Partial<HttpLimits>): Outcome["events"] {
	return outcome({ from: "client", text: stream, ...(limits && { limits }) }).events;
}

/** The events of a server's stream. */
export function responseEvents(stream: string, methods: readonly string[] = ["GET"], ends = false): Outcome["events"] {
	return outcome({ from: "server", text: stream, methods, ends }).events;
}

/** The kinds of the events, and the kind of the failure for a failure. */
export function kinds(events: Outcome["events"]): string[] {
	return events.map((event) => (event.type === "failed" ? event.failure.kind : event.type));
}

/** The field lines of the only request in the stream. */
export function fieldsOf(stream: string): readonly FieldLine[] {
	const event = requestEvents(stream)[0];
	if (event?.type !== "request") throw new Error(`no request: ${JSON.stringify(event)}`);
	return event.head.fields;
}
