import { encodeMessage, type MessageKind } from "@barewire/framing";

/** A connection that a broadcast goes to. */
export interface BroadcastConnection {
	preparedFor(kind: MessageKind, size: number): string | null;
	prepare(message: string | Uint8Array): Uint8Array;
}

const encoder = new TextEncoder();

/** One message for many: framed, and compressed, once for all who can be sent the same bytes. */
export class Broadcast {
	readonly message: string | Uint8Array;
	/** No extension transforms it. */
	readonly plain: boolean;
	readonly #frames = new Map<string, Uint8Array>();
	#size: number | null = null;

	constructor(message: string | Uint8Array, plain: boolean) {
		this.message = message;
		this.plain = plain;
	}

	/** The frame for a connection; null: only its own writer can make it. */
	frameFor(connection: BroadcastConnection): Uint8Array | null {
		if (this.plain) return this.#frame("", () => encodeMessage(this.message));
		const kind = typeof this.message === "string" ? "text" : "binary";
		const name = connection.preparedFor(kind, this.#sizeInBytes());
		return name === null ? null : this.#frame(name, () => connection.prepare(this.message));
	}

	#frame(name: string, make: () => Uint8Array): Uint8Array {
		const known = this.#frames.get(name) ?? make();
		this.#frames.set(name, known);
		return known;
	}

	#sizeInBytes(): number {
		const { message } = this;
		this.#size ??= typeof message === "string" ? encoder.encode(message).length : message.length;
		return this.#size;
	}
}
