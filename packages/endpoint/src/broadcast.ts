import { encodeMessage, type MessageKind } from "@barewire/framing";

/** A connection that receives a broadcast. */
export interface BroadcastConnection {
	preparedFor(kind: MessageKind, size: number): string | null;
	prepare(payload: Uint8Array, isText: boolean): Uint8Array;
}

const encoder = new TextEncoder();

/** One message for several connections. It is framed and compressed once for all that can be sent the same bytes. */
export class Broadcast {
	readonly message: string | Uint8Array;
	/** Extensions must not transform the message. */
	readonly plain: boolean;
	readonly #frames = new Map<string, Uint8Array>();
	#encoded: Uint8Array | null = null;
	#own: string | Uint8Array | null = null;

	constructor(message: string | Uint8Array, plain: boolean) {
		this.message = message;
		this.plain = plain;
	}

	/** The frame for a connection; null: only the connection's own writer can create it. */
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

	/** The message as bytes: a text in UTF-8. */
	ownBytes(): Uint8Array {
		const own = this.own();
		return typeof own === "string" ? this.#bytes() : own;
	}

	/**
	 * The message for a connection whose own writer creates the frame. Bytes are copied, because the message may still wait
	 * when the application changes them.
	 */
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
