import { type Extension, type FailureKind, type MessageKind, RSV1 } from "@barewire/framing";
import type { Agreement } from "./agreement.ts";
import { NO_BYTES } from "./bytes.ts";
import type { Deflater, InflateFailure, Inflater } from "./codec.ts";
import type { ContextHolder, DeflateContexts } from "./contexts.ts";
import { IncomingCopy } from "./incoming-copy.ts";
import { deflaterMemory, inflaterMemory } from "./memory.ts";
import { replay } from "./replay.ts";
import type { DeflateState } from "./state.ts";

/** Bytes of the tail that a compressor leaves and that is not sent. RFC 7692 §7.2.1. */
const TAIL_SIZE = 4;

/** An empty block without compression, less the tail. RFC 7692 §7.2.3.6. */
const EMPTY_BLOCK: Uint8Array = Uint8Array.of(0x00);

export const EXTENSION_NAME = "permessage-deflate";

/**
 * The extension at work on one connection, as one end of it agreed with the other. A compressor and a decompressor are made when the
 * first message needs them. An idle compressor is given back; the decompressor of a peer that was promised its context is not.
 */
export class PerMessageDeflate implements Extension, ContextHolder {
	readonly #contexts: DeflateContexts;
	readonly #agreement: Agreement;
	/** The peer was promised that its context is held. */
	readonly #hasPromise: boolean;
	/** With a context of this connection's own. */
	#deflater: Deflater | null = null;
	#wasUsed = false;
	/** A message is under way. */
	#isInside = false;
	/** This connection's own, or borrowed for the message that has begun. */
	#inflater: Inflater | null = null;
	/** What a snapshot tells of the decompressor; only where the connection is movable. */
	#copy: IncomingCopy | null = null;
	#hasFailed = false;

	/** `contexts.join` comes before it. */
	constructor(contexts: DeflateContexts, agreement: Agreement, hasPromise: boolean) {
		this.#contexts = contexts;
		this.#agreement = agreement;
		this.#hasPromise = hasPromise;
	}

	/**
	 * The extension of which a snapshot gave this. It joins the contexts by itself.
	 *
	 * @throws UsageError `ERR_SNAPSHOT` when the compressed bytes don't give what they have given before
	 */
	static restore(contexts: DeflateContexts, state: DeflateState, hasPromise: boolean): PerMessageDeflate {
		const { own, peer, window, compressed, isInside } = state;
		const restored = new PerMessageDeflate(contexts, contexts.agreements.of(own, peer), hasPromise);
		restored.#isInside = isInside;
		if (window.length > 0 || compressed.length > 0) restored.#resume(state);
		// What throws has joined nothing.
		contexts.joinRestored(hasPromise);
		return restored;
	}

	// RFC 7692 §6: the bit RSV1 of a message's first frame says that the message is compressed.
	get rsv(): number {
		return RSV1;
	}

	get name(): string {
		return EXTENSION_NAME;
	}

	// A peer's window only grows by what it is sent: a message that refers to nothing before it is right for every peer. Once
	// this connection's own compressor remembers messages, it has to see all of them.
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
		// Each piece ends at a byte, with an empty block: the next one may as well come from another compressor.
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
		// Of an empty message some compressors make nothing instead of an empty block: docs/deviations.md.
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
			// A codec that throws has no memory left, or a defect. That must not be the end of all other connections.
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

	/** The connection fails, and nothing more is decoded. */
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

	// The compressor is not in it. It may be given back between any two pieces: each ends with an empty block (see `encode`).
	snapshot(): Snapshot {
		const { own, peer } = this.#agreement;
		if (this.#hasFailed) return { ok: false, reason: "the peer's data could not be decompressed" };
		const copy = this.#copy;
		// Without a decompressor there is nothing that it remembers, and no byte of a message.
		if (this.#inflater !== null && copy === null)
			return { ok: false, reason: "compression was not made movable: set `movable: true`" };
		// Whoever gets the state may transfer its memory, so all of it is new.
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
