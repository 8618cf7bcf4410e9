import type { MessageKind } from "@barewire/framing";

/** What a waiting message counts besides its bytes. */
const OVERHEAD = 64;

/** Who wants to know what several connections share is not told of what is shorter: there may be very much of it. */
export const LONGEST_SMALL = 4096;

/**
 * What is not framed yet. `prepared`: whole frames. `beginText`, `beginBinary`: the place of a message that will be sent in fragments,
 * without bytes. `restText`, `restBinary`: what is left of a large message whose first slices are framed; it comes before all others.
 * `close`, `end`: behind all others, the payload of the Close frame, or the end of the output without one.
 */
export type WaitingKind =
	| MessageKind
	| "prepared"
	| "beginText"
	| "beginBinary"
	| "restText"
	| "restBinary"
	| "close"
	| "end";

/** A message that is not framed yet. */
export interface WaitingMessage {
	readonly kind: WaitingKind;
	/** A text in UTF-8; a large one that leaves in slices may be a string. */
	readonly payload: Uint8Array | string;
	/** No extension transforms it. */
	readonly plain: boolean;
	/** A newer message of the same key replaces it; null: none does. */
	readonly key: string | null;
}

/** The same as plain data. */
export interface WaitingMessageState extends Omit<WaitingMessage, "payload"> {
	readonly bytes: Uint8Array;
}

/** What a message counts while it waits, in bytes. A string counts its length. The end is no message: it always waits behind one. */
export function weightOf(kind: WaitingKind, { length }: { readonly length: number }): number {
	return isEnd(kind) ? 0 : length + OVERHEAD;
}

/** Whether it is the place of a message that will be sent in fragments. */
export function isPlace(kind: WaitingKind): boolean {
	return kind === "beginText" || kind === "beginBinary";
}

/** Whether it is what is left of a large message that has begun. */
export function isRest(kind: WaitingKind): boolean {
	return kind === "restText" || kind === "restBinary";
}

/** Whether nothing may come behind it. */
export function isEnd(kind: WaitingKind): boolean {
	return kind === "close" || kind === "end";
}

/** Which kind of message it is; a Close frame is none. */
export function messageKind(kind: WaitingKind): MessageKind {
	return kind === "text" || kind === "beginText" || kind === "restText" ? "text" : "binary";
}

// RFC 6455 §5.5.1: "the first two bytes of the body MUST be a 2-byte unsigned integer (in network byte order)
// representing a status code".
/** The code and the reason in the payload of a Close frame. */
export function closeOf(payload: Uint8Array): [code?: number, reason?: string] {
	const [high, low] = payload;
	if (high === undefined || low === undefined) return [];
	return [high * 256 + low, new TextDecoder("utf-8", { ignoreBOM: true }).decode(payload.subarray(2))];
}
