import { type Extension, type FailureKind, type MessageKind, RSV1 } from "@barewire/framing";
import type { Agreement } from "./agreement.ts";
import { NO_BYTES } from "./bytes.ts";
import type { Deflater, InflateFailure, Inflater } from "./codec.ts";
import type { ContextHolder, DeflateContexts } from "./contexts.ts";
import { IncomingCopy } from "./incoming-copy.ts";
import { deflaterMemory, inflaterMemory } from "./memory.ts";
import { replay } from "./replay.ts";
import type { DeflateState } from "./state.ts";

/** The size of the tail at the end of the compressor's output, which is not sent. RFC 7692 §7.2.1. */
const TAIL_SIZE = 4;

/** An empty block without compression, without the tail. RFC 7692 §7.2.3.6. */
const EMPTY_BLOCK: Uint8Array = Uint8Array.of(0x00);

export const EXTENSION_NAME = "permessage-deflate";

/**
 * The negotiated extension of one connection. A compressor and a decompressor are created when the first message needs them. An
 * idle compressor is released. If the server agreed to keep the peer's context, the decompressor is kept until the connection ends.
 */
export class PerMessageDeflate implements Extension, ContextHolder {
	readonly #contexts: DeflateContexts;
	readonly #agreement: Agreement;
	/** The server agreed to keep the peer's context. */
	readonly #hasPromise: boolean;
	/** The compressor with this connection's own context. */
	#deflater: Deflater | null = null;
	#wasUsed = false;
	/** A message is unfinished. */
	#isInside = false;
	/** The connection's own decompressor, or one that is borrowed for the current message. */
	#inflater: Inflater | null = null;
	/** The state of the decompressor for a snapshot. Only if the connection is movable. */
	#copy: IncomingCopy | null = null;
	#hasFailed = false;

	/** Call `contexts.join` first. */
	constructor(contexts: DeflateContexts, agreement: Agreement, hasPromise: boolean) {
		this.#contexts = contexts;
		this.#agreement = agreement;
		this.#hasPromise = hasPromise;
	}

	/**
	 * Restores the extension from a snapshot. It joins the contexts itself.
	 *
	 * @throws UsageError `ERR_SNAPSHOT` when the compressed bytes do not give the same number of bytes as before
	 */
	static restore(contexts: DeflateContexts, state: DeflateState, hasPromise: boolean): PerMessageDeflate {
		const { own, peer, window, compressed, isInside } = state;
		const restored = new PerMessageDeflate(contexts, contexts.agreements.of(own, peer), hasPromise);
		restored.#isInside = isInside;
		if (window.length > 0 || compressed.length > 0) restored.#resume(state);
		// Join last: if this method throws, nothing must be joined.
		contexts.joinRestored(hasPromise);
		return restored;
	}

	// RFC 7692 §6: the bit RSV1 of a message's first frame marks the message as compressed.
	get rsv(): number {
		return RSV1;
	}

	get name(): string {
		return EXTENSION_NAME;
	}

	// A message without references to earlier messages can be decoded by every peer. But after this connection's own compressor has
	// compressed a message, it must compress all later messages, because its window must match the peer's.
	get shared(): string | null {
		return this.#deflater === null ? `${this.#agreement.own.windowBits}` : null;
	}

	get held(): number {
		const { own, peer } = this.#agreement;
		return (
			(this.#deflater === null ? 0 : deflaterMemory(own.windowBits, this.#contexts.settings.memoryLevel)) +
			(this.#inflater === null ? 0 : inflaterMemory(peer.windowBits)) +
			(this.#copy === null ? 0 : this.#copy.held)
		);
	}

	// ── Outgoing, RFC 7692 §7.2.1 ──────────────────────────────────────────────────────────────────────────────

	outgoingRsv(_kind: MessageKind, size: number | null): number {
		return size === null || (size > 0 && size >= this.#contexts.settings.threshold) ? RSV1 : 0;
	}

	encode(piece: Uint8Array, last: boolean): Uint8Array {
		if (piece.length === 0) return last ? EMPTY_BLOCK : NO_BYTES;
		const deflated = this.#ownDeflater().deflate(piece);
		// Each piece ends at a byte boundary with an empty block, so the next piece may come from another compressor.
		return last ? deflated.subarray(0, deflated.length - TAIL_SIZE) : deflated;
	}

	encodeShared(payload: Uint8Array): Uint8Array {
		if (payload.length === 0) return EMPTY_BLOCK;
		const deflated = this.#contextFreeDeflater().deflate(payload);
		return deflated.subarray(0, deflated.length - TAIL_SIZE);
	}

	takeUsed(): boolean {
		const wasUsed = this.#wasUsed;
		this.#wasUsed = false;
		return wasUsed;
	}

	releaseContext(): void {
		if (this.#deflater === null) return;
		this.#deflater.close();
		this.#deflater = null;
		this.#contexts.release(this);
	}

	#ownDeflater(): Deflater {
		const { contextTakeover, windowBits } = this.#agreement.own;
		if (!contextTakeover) return this.#contextFreeDeflater();
		this.#wasUsed = true;
		this.#deflater ??= this.#contexts.acquire(this, windowBits);
		return this.#deflater ?? this.#contextFreeDeflater();
	}

	#contextFreeDeflater(): Deflater {
		return this.#contexts.contextFree(this.#agreement.own.windowBits);
	}

	// ── Incoming, RFC 7692 §7.2.2 ──────────────────────────────────────────────────────────────────────────────

	get left(): number {
		return this.#inflater?.left ?? 0;
	}

	decode(piece: Uint8Array, last: boolean, room: number, most: number): Uint8Array | FailureKind {
		const isEmpty = !this.#isInside && piece.length === 0;
		this.#isInside = !last;
		// For an empty message some compressors send no bytes instead of an empty block: docs/deviations.md.
		if (isEmpty) return NO_BYTES;
		try {
			this.#inflater ??= this.#newInflater();
			const inflated = this.#inflater.inflate(piece, room, most);
			if (typeof inflated === "string") return this.#broken(FAILURES[inflated]);
			const { left } = this;
			if (!last || left > 0) {
				this.#isInside = true;
				this.#copy?.add(piece.subarray(0, piece.length - left), inflated);
				return inflated;
			}
			const reach = this.#inflater.endMessage();
			if (reach === null) return this.#broken("extension-data-incomplete");
			this.#messageRead(this.#inflater);
			this.#copy?.end(inflated, reach);
			return inflated;
		} catch {
			// A codec throws if it has no memory left or has a bug. This must not affect other connections.
			return this.#broken("extension-data");
		}
	}

	#messageRead(inflater: Inflater): void {
		if (this.#agreement.peer.contextTakeover) return;
		this.#inflater = null;
		this.#contexts.returnInflater(inflater);
	}

	#newInflater(): Inflater {
		const { peer } = this.#agreement;
		if (this.#contexts.settings.movable) this.#copy ??= new IncomingCopy(peer);
		return peer.contextTakeover ? this.#contexts.inflater(peer.windowBits) : this.#contexts.borrowInflater();
	}

	/** Stops decoding, because the connection fails. */
	#broken(kind: FailureKind): FailureKind {
		this.#hasFailed = true;
		this.#forget();
		return kind;
	}

	#forget(): void {
		this.#inflater?.close();
		this.#inflater = null;
		this.#copy = null;
	}

	release(): void {
		this.releaseContext();
		this.#forget();
		this.#contexts.leave(this.#hasPromise);
	}

	// ── To another process ─────────────────────────────────────────────────────────────────────────────────────

	// The compressor is not part of the snapshot. It may be released between any two pieces, because each piece ends with an empty
	// block (see `encode`).
	snapshot(): Snapshot {
		const { own, peer } = this.#agreement;
		if (this.#hasFailed) return { ok: false, reason: "the peer's data could not be decompressed" };
		const copy = this.#copy;
		// Without a decompressor there is no window and no byte of a message.
		if (this.#inflater !== null && copy === null)
			return { ok: false, reason: "compression was not made movable: set `movable: true`" };
		// The receiver of the state may transfer its memory, so all arrays are new.
		const compressed = copy === null ? new Uint8Array(0) : copy.compressed();
		if (compressed === null) return { ok: false, reason: "a compressed message of more than 64 KiB is under way" };
		const state: DeflateState = {
			own: { ...own },
			peer: { ...peer },
			window: copy?.window() ?? new Uint8Array(0),
			compressed,
			given: copy?.given ?? 0,
			isInside: this.#isInside,
		};
		return { ok: true, state };
	}

	#resume(state: DeflateState): void {
		const inflater = this.#newInflater();
		this.#inflater = inflater;
		try {
			replay(inflater, state, this.#copy);
		} catch (error) {
			this.#forget();
			throw error;
		}
	}
}

type Snapshot = ReturnType<Extension["snapshot"]>;

const FAILURES: Readonly<Record<InflateFailure, FailureKind>> = {
	"too-big": "message-too-big",
	corrupt: "extension-data",
};
