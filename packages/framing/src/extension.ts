import { UsageError } from "@barewire/errors";
import type { MessageKind } from "./event.ts";
import type { FailureKind } from "./failure.ts";

/** The reserved bits of a frame's first byte, as a number of three bits. RFC 6455 §5.2. */
export const RSV1 = 0b100;
export const RSV2 = 0b010;
export const RSV3 = 0b001;

/**
 * A negotiated extension (RFC 6455 §9), synchronous. It sees the payload of the data messages that carry its reserved bits;
 * other messages and control frames never pass through it. Extensions are given in the order of the server's
 * Sec-WebSocket-Extensions field: outgoing payload passes them in this order, incoming payload in the reverse order (§9.1).
 */
export interface Extension {
	/** The registered token, for messages to people. */
	readonly name: string;
	/** The reserved bits that this extension claims, one at least. They may be set on a data message's first frame only. */
	readonly rsv: number;
	/**
	 * Who may be sent what `encodeShared` makes: the peers of all that give the same name at this moment. null: not even its
	 * own, as what the peer can decode depends on what it was sent before.
	 */
	readonly shared: string | null;

	/** Bytes of memory that it takes for this connection alone, about. Default 0. It changes in `encode`, `decode` and `release` only, or becomes less. */
	readonly held?: number;

	/**
	 * Incoming: a piece of a message's payload, unmasked and in order.
	 *
	 * @param piece Handed over. Empty only when `last`, or when an extension before this one gave nothing yet.
	 * @param last The message ends with this piece.
	 * @param room Bytes that the message may still grow by. Stop there: return "message-too-big" rather than more.
	 * @param most 1 or more: where more bytes than about so many would come out, the end of the piece may be left (see `left`).
	 * @returns Handed over as well: payload for the next extension or the application, or the rule that was broken.
	 */
	decode(piece: Uint8Array, last: boolean, room: number, most: number): Uint8Array | FailureKind;

	/**
	 * Incoming: bytes at the end of the latest piece that `decode` has left, and left as they were. They are given once more, as a
	 * piece or a part of one, in a later turn; the message did not end before them, whatever `last` has said. Fewer than the
	 * piece had, or something came out. Absent: it always takes a piece whole.
	 */
	readonly left?: number;

	/**
	 * Outgoing: the bits for a message; 0 leaves it as it is. Asked before `encode`, perhaps more than once, and changes
	 * nothing.
	 *
	 * @param size Bytes of the whole message, or null when the message is streamed.
	 */
	outgoingRsv(kind: MessageKind, size: number | null): number;

	/**
	 * Outgoing: a piece of the payload of a message that has bits; gives the payload to frame. An empty result writes no
	 * frame unless `last`. Must not write into `piece`, and must not change what it returned later on.
	 */
	encode(piece: Uint8Array, last: boolean): Uint8Array;

	/** Outgoing: the payload of a whole message that has bits, for many peers; asked only while `shared` is a name. */
	encodeShared(payload: Uint8Array): Uint8Array;

	/**
	 * What another process needs to go on in its place, as plain data that can be cloned; or, in a short sentence for people,
	 * why that can't be had now. It changes nothing. What is made of the data there is the same extension to the peer.
	 */
	snapshot(): { readonly ok: true; readonly state: unknown } | { readonly ok: false; readonly reason: string };

	/** The connection has ended: gives back what was held for it. Nothing is asked of it afterwards. */
	release(): void;
}

/** All bits that these extensions claim. One that claims none, or a bit of another, is a `UsageError`. */
export function claimedBits(extensions: readonly Extension[]): number {
	let claimed = 0;
	for (const { name, rsv } of extensions) {
		if (!(rsv > 0 && rsv < 8)) throw new UsageError("ERR_INVALID_RSV", `${name} must claim 1 to 3 bits`);
		if ((claimed & rsv) !== 0) throw new UsageError("ERR_RSV_CONFLICT", `${name} must not claim a bit of another`);
		claimed |= rsv;
	}
	return claimed;
}

/** The bits of an outgoing message: 0 when every extension leaves it as it is. */
export function outgoingBits(extensions: readonly Extension[], kind: MessageKind, size: number | null): number {
	let bits = 0;
	for (const extension of extensions) bits |= extension.outgoingRsv(kind, size) & extension.rsv;
	return bits;
}

/** §9.1: the extensions act on the payload in the order of the list. */
export function encodePiece(
	extensions: readonly Extension[],
	rsv: number,
	piece: Uint8Array,
	last: boolean,
): Uint8Array {
	let payload = piece;
	for (const extension of extensions) if ((rsv & extension.rsv) !== 0) payload = extension.encode(payload, last);
	return payload;
}
