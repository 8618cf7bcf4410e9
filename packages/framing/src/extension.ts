import { UsageError } from "@barewire/errors";
import type { MessageKind } from "./event.ts";
import type { FailureKind } from "./failure.ts";

/** The reserved bits of a frame's first byte, as a number of three bits. RFC 6455 §5.2. */
export const RSV1 = 0b100;
export const RSV2 = 0b010;
export const RSV3 = 0b001;

/**
 * A negotiated extension (RFC 6455 §9), synchronous. It sees the payload of the data messages that carry its reserved bits; it
 * never gets other messages or control frames. Extensions are listed in the order of the server's Sec-WebSocket-Extensions field:
 * they encode outgoing payload in this order, and decode incoming payload in the reverse order (§9.1).
 */
export interface Extension {
	/** The registered token, for use in error messages. */
	readonly name: string;
	/** The reserved bits that this extension claims, at least one. They may be set only on the first frame of a data message. */
	readonly rsv: number;
	/**
	 * Names the group of receivers for the result of `encodeShared`: the peers of all extensions that have the same name now. null:
	 * the result must not be sent to any peer, because what the peer can decode depends on earlier messages.
	 */
	readonly shared: string | null;

	/**
	 * Approximate memory in bytes that the extension uses for this connection alone. Default 0. It may grow only in `encode`,
	 * `decode` and `release`. It may shrink at any time.
	 */
	readonly held?: number;

	/**
	 * Incoming: a piece of a message's payload, unmasked and in order.
	 *
	 * @param piece Owned by the extension from now on. Empty only when `last`, or when an earlier extension has not returned any
	 * bytes yet.
	 * @param last The message ends with this piece.
	 * @param room The number of bytes that the message may still grow by. Return "message-too-big" instead of more bytes.
	 * @param most 1 or more. If more than about this many bytes would come out, the end of the piece may be left (see `left`).
	 * @returns The payload for the next extension or the application, owned by the receiver, or the kind of violation.
	 */
	decode(piece: Uint8Array, last: boolean, room: number, most: number): Uint8Array | FailureKind;

	/**
	 * Incoming: the number of bytes at the end of the latest piece that `decode` has not taken and not changed. They are passed again
	 * in a later turn, as a piece or as a part of a piece. The message has not ended before them, even if `last` was true. Either
	 * this is less than the size of the piece, or some output was returned. Absent: every piece is taken completely.
	 */
	readonly left?: number;

	/**
	 * Outgoing: the bits for a message. 0: the message is not transformed. Called before `encode`, possibly more than once. It
	 * changes nothing.
	 *
	 * @param size The size of the whole message in bytes, or null when the message is streamed.
	 */
	outgoingRsv(kind: MessageKind, size: number | null): number;

	/**
	 * Outgoing: encodes a piece of the payload of a message that has bits, and returns the payload to frame. An empty result writes
	 * no frame unless `last`. It must not write into `piece`, and must not change the result later.
	 */
	encode(piece: Uint8Array, last: boolean): Uint8Array;

	/** Outgoing: encodes the payload of a whole message that has bits, for many peers. Called only while `shared` is a name. */
	encodeShared(payload: Uint8Array): Uint8Array;

	/**
	 * Returns the state that another process needs to continue, as plain data that can be cloned. If that is not possible now, returns the
	 * reason as a short sentence for users. It changes nothing. For the peer, the restored extension behaves like this one.
	 */
	snapshot(): { readonly ok: true; readonly state: unknown } | { readonly ok: false; readonly reason: string };

	/** The connection has ended: releases all memory. No method is called afterwards. */
	release(): void;
}

/**
 * Returns all bits that these extensions claim. Throws a `UsageError` if an extension claims no bit, or a bit of another extension.
 */
export function claimedBits(extensions: readonly Extension[]): number {
	let claimed = 0;
	for (const { name, rsv } of extensions) {
		if (!(rsv > 0 && rsv < 8)) throw new UsageError("ERR_INVALID_RSV", `${name} must claim 1 to 3 bits`);
		if ((claimed & rsv) !== 0) throw new UsageError("ERR_RSV_CONFLICT", `${name} must not claim a bit of another`);
		claimed |= rsv;
	}
	return claimed;
}

/** The bits of an outgoing message. 0: no extension transforms it. */
export function outgoingBits(extensions: readonly Extension[], kind: MessageKind, size: number | null): number {
	let bits = 0;
	for (const extension of extensions) bits |= extension.outgoingRsv(kind, size) & extension.rsv;
	return bits;
}

/** §9.1: the extensions encode the payload in the order of the list. */
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
