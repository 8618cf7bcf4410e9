import { type Extension, type FailureKind, type MessageKind, RSV1 } from "@barewire/framing";
import type { Agreement } from "./agreement.ts";
import { NO_BYTES } from "./bytes.ts";
import type { Deflater, InflateFailure, Inflater } from "./codec.ts";
import type { ContextHolder, DeflateContexts } from "./contexts.ts";

/** Bytes of the tail that a compressor leaves and that is not sent. RFC 7692 §7.2.1. */
const TAIL_SIZE = 4;

/** An empty block without compression, less the tail. RFC 7692 §7.2.3.6. */
const EMPTY_BLOCK: Uint8Array = Uint8Array.of(0x00);

export const EXTENSION_NAME = "permessage-deflate";

/**
 * The extension at work on one connection, as one end of it agreed with the other. Idle it holds nothing: a compressor and a
 * decompressor are made when the first message needs them.
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

	/** `contexts.join` comes before it. */
	constructor(contexts: DeflateContexts, agreement: Agreement, hasPromise: boolean) {
		this.#contexts = contexts;
		this.#agreement = agreement;
		this.#hasPromise = hasPromise;
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

	giveBack(): void {
		if (this.#deflater === null) return;
		this.#deflater.close();
		this.#deflater = null;
		this.#contexts.letGo(this);
	}

	#ownDeflater(): Deflater {
		const { contextTakeover, windowBits } = this.#agreement.own;
		if (!contextTakeover) return this.#contextFreeDeflater();
		this.#wasUsed = true;
		this.#deflater ??= this.#contexts.hold(this, windowBits);
		return this.#deflater ?? this.#contextFreeDeflater();
	}

	#contextFreeDeflater(): Deflater {
		return this.#contexts.contextFree(this.#agreement.own.windowBits);
	}

	// ── Incoming, RFC 7692 §7.2.2 ──────────────────────────────────────────────────────────────────────────────

	decode(piece: Uint8Array, last: boolean, room: number): Uint8Array | FailureKind {
		const isEmpty = !this.#isInside && piece.length === 0;
		this.#isInside = !last;
		// Of an empty message some compressors make nothing instead of an empty block: docs/deviations.md.
		if (isEmpty) return NO_BYTES;
		try {
			this.#inflater ??= this.#newInflater();
			const inflated = this.#inflater.inflate(piece, room);
			if (typeof inflated === "string") return this.#broken(FAILURES[inflated]);
			if (!last) return inflated;
			if (!this.#inflater.endMessage()) return this.#broken("extension-data-incomplete");
			this.#messageRead(this.#inflater);
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
		const { contextTakeover, windowBits } = this.#agreement.peer;
		return contextTakeover ? this.#contexts.inflater(windowBits) : this.#contexts.borrowInflater();
	}

	/** The connection fails, and nothing more is decoded. */
	#broken(kind: FailureKind): FailureKind {
		this.#inflater?.close();
		this.#inflater = null;
		return kind;
	}

	release(): void {
		this.giveBack();
		this.#inflater?.close();
		this.#inflater = null;
		this.#contexts.leave(this.#hasPromise);
	}
}

const FAILURES: Readonly<Record<InflateFailure, FailureKind>> = {
	"too-big": "message-too-big",
	corrupt: "extension-data",
};
