import type { MessageKind } from "./event.ts";
import type { FailureKind } from "./failure.ts";
import { UsageError } from "./usage-error.ts";

/** The reserved bits of a frame's first octet, as a number of three bits. RFC 6455 §5.2. */
export const RSV1 = 0b100;
export const RSV2 = 0b010;
export const RSV3 = 0b001;

/**
 * A negotiated extension (RFC 6455 §9), synchronous. It sees the payload of data messages; control frames never pass
 * through it. Extensions are given in the order of the server's Sec-WebSocket-Extensions field: outgoing payload
 * passes them in this order, incoming payload in the reverse order (§9.1).
 */
export interface Extension {
	/** The registered token, for messages to people. */
	readonly name: string;
	/** The reserved bits that this extension claims. They may be set on the first frame of a data message only. */
	readonly rsv: number;

	/**
	 * Incoming: a piece of a message's payload, unmasked and in order.
	 *
	 * @param piece Handed over. Empty only when `last`, or when an extension before this one gave nothing yet.
	 * @param rsv The claimed bits that the message's first frame carried; 0: this message is not transformed.
	 * @param first No piece of this message came before.
	 * @param last The message ends with this piece.
	 * @param room Octets that the message may still grow by. Stop there: return "message-too-big" rather than more.
	 * @returns Handed over as well: payload for the next extension or the application, or the rule that was broken.
	 */
	decode(piece: Uint8Array, rsv: number, first: boolean, last: boolean, room: number): Uint8Array | FailureKind;

	/**
	 * Outgoing: the bits for the message whose first piece comes next; asked once per message.
	 *
	 * @param size Octets of the whole message as this extension gets it, or null when the message is streamed.
	 */
	outgoingRsv(kind: MessageKind, size: number | null): number;

	/**
	 * Outgoing: a piece of a message's payload; gives the payload to frame. An empty result writes no frame
	 * unless `last`. Must not write into `piece`, and must not change what it returned later on.
	 */
	encode(piece: Uint8Array, kind: MessageKind, first: boolean, last: boolean): Uint8Array;
}

/** All bits that these extensions claim. Two that claim the same bit are a `UsageError`. */
export function claimedBits(extensions: readonly Extension[]): number {
	let claimed = 0;
	for (const extension of extensions) {
		if ((extension.rsv & ~0b111) !== 0) {
			throw new UsageError("ERR_INVALID_RSV", `${extension.name}: rsv has three bits`);
		}
		if ((claimed & extension.rsv) !== 0) {
			throw new UsageError("ERR_RSV_CONFLICT", `${extension.name} claims a bit of another`);
		}
		claimed |= extension.rsv;
	}
	return claimed;
}
