import { encodeMessage, type MessageKind } from "@barewire/framing";

/** A connection that a broadcast goes to. */
export interface BroadcastConnection {
	preparedFor(kind: MessageKind, size: number): string | null;
	prepare(payload: Uint8Array, isText: boolean): Uint8Array;
}

const encoder = new TextEncoder();

/** One message for many: framed, and compressed, once for all who can be sent the same bytes. */
export class Broadcast {
	readonly message: string | Uint8Array;
	/** No extension transforms it. */
	readonly plain: boolean;
	readonly #frames = new Map<string, Uint8Array>();
	#encoded: Uint8Array | null = null;
	#own: string | Uint8Array | null = null;

	constructor(message: string | Uint8Array, plain: boolean) {
		this.message = message;
		this.plain = plain;
	}

	/** The frame for a connection; null: only its own writer can make it. */
	frameFor(connection: BroadcastConnection): Uint8Array | null {
		const isText = typeof this.message === "string";
		const bytes = this.#bytes();
		if (this.plain) return this.#frame("", () => encodeMessage(bytes, isText));
		const name = connection.preparedFor(this.kind, bytes.length);
		return name === null ? null : this.#frame(name, () => connection.prepare(bytes, isText));
	}

	get kind(): MessageKind {
		return typeof this.message === "string" ? "text" : "binary";
	}

	/** The same in bytes: a text in UTF-8. */
	ownBytes(): Uint8Array {
		const own = this.own();
		return typeof own === "string" ? this.#bytes() : own;
	}

	/** The message for a connection whose own writer makes the frame. It may wait there when its owner writes to it again. */
	own(): string | Uint8Array {
		this.#own ??= typeof this.message === "string" ? this.message : new Uint8Array(this.message);
		return this.#own;
	}

	#frame(name: string, make: () => Uint8Array): Uint8Array {
		const known = this.#frames.get(name) ?? make();
		this.#frames.set(name, known);
		return known;
	}

	#bytes(): Uint8Array {
		const { message } = this;
		this.#encoded ??= typeof message === "string" ? encoder.encode(message) : message;
		return this.#encoded;
	}
}
