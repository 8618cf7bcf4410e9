import type { MessageKind } from "@barewire/framing";

/** What a waiting message counts besides its bytes. */
const OVERHEAD = 64;

/**
 * A message that is not framed yet. `prepared`: whole frames. `beginText`, `beginBinary`: the place of a message that will be
 * sent in fragments, without bytes.
 */
export interface WaitingMessage {
	readonly kind: MessageKind | "prepared" | "beginText" | "beginBinary";
	/** A text in UTF-8. */
	readonly bytes: Uint8Array;
	/** No extension transforms it. */
	readonly plain: boolean;
	/** A newer message of the same key replaces it; null: none does. */
	readonly key: string | null;
}

/** What the message counts while it waits, in bytes. */
export function weightOf({ bytes }: WaitingMessage): number {
	return bytes.length + OVERHEAD;
}

/** Whether it is the place of a message that will be sent in fragments. */
export function isPlace({ kind }: WaitingMessage): boolean {
	return kind === "beginText" || kind === "beginBinary";
}
