import type { MessageKind } from "@barewire/framing";

/** A waiting message counts this many bytes in addition to its payload. */
const OVERHEAD = 64;

/** Arrays up to this length are not reported in the list of arrays that several connections may share, because there may be very many. */
export const LONGEST_SMALL = 4096;

/**
 * The kind of an item that is not framed yet. `prepared`: whole frames. `beginText`, `beginBinary`: the position of a message that will be
 * sent in fragments, without bytes. `restText`, `restBinary`: the rest of a large message whose first slices are framed; it comes before
 * all others. `close`, `end`: after all others, the payload of the Close frame, or the end of the output without a Close frame.
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
	/** A text in UTF-8. A large text that is sent in slices may be a string. */
	readonly payload: Uint8Array | string;
	/** Extensions do not transform the message. */
	readonly plain: boolean;
	/** A newer message with the same key replaces it. null: it is never replaced. */
	readonly key: string | null;
}

/** A waiting message as plain data. */
export interface WaitingMessageState extends Omit<WaitingMessage, "payload"> {
	readonly bytes: Uint8Array;
}

/**
 * The size that a waiting message counts, in bytes. A string counts its length. The end counts 0: it always waits after a message.
 */
export function weightOf(kind: WaitingKind, { length }: { readonly length: number }): number {
	return isEnd(kind) ? 0 : length + OVERHEAD;
}

/** Whether it is the position of a message that will be sent in fragments. */
export function isPlace(kind: WaitingKind): boolean {
	return kind === "beginText" || kind === "beginBinary";
}

/** Whether it is the rest of a large message that has begun. */
export function isRest(kind: WaitingKind): boolean {
	return kind === "restText" || kind === "restBinary";
}

/** Whether nothing may follow it. */
export function isEnd(kind: WaitingKind): boolean {
	return kind === "close" || kind === "end";
}

/** The kind of message. Not for a Close frame. */
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
