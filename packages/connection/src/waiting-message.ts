import type { MessageKind } from "@barewire/framing";

/** What a waiting message counts besides its bytes. */
const OVERHEAD = 64;

/**
 * A message that waits behind an unfinished one. `prepared`: whole frames. `beginText`, `beginBinary`: the place of a message
 * that will be sent in fragments, without bytes.
 */
export interface WaitingMessage {
	readonly kind: MessageKind | "prepared" | "beginText" | "beginBinary";
	/** A text in UTF-8. */
	readonly bytes: Uint8Array;
	/** No extension transforms it. */
	readonly plain: boolean;
}

/** What the message counts while it waits, in bytes. */
export function weightOf({ bytes }: WaitingMessage): number {
	return bytes.length + OVERHEAD;
}
