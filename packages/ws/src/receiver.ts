import { isUtf8 } from "node:buffer";
import { Writable } from "node:stream";
import { type Extension, MessageReader } from "@barewire/framing";
import { bufferOf } from "./data.ts";
import type { AgreedExtensions } from "./deflate.ts";
import { frameError } from "./errors.ts";

export interface ReceiverOptions {
	readonly isServer?: boolean | undefined;
	readonly extensions?: AgreedExtensions | undefined;
	readonly maxPayload?: number | undefined;
	readonly skipUTF8Validation?: boolean | undefined;
}

/** Frames in, events out, for whoever has bytes and no socket: `message`, `ping`, `pong` and `conclude`. */
export class Receiver extends Writable {
	readonly #reader: MessageReader;

	constructor(options: ReceiverOptions = {}) {
		super();
		const { isServer = false, extensions = {}, maxPayload = 0, skipUTF8Validation = false } = options;
		const list: Extension[] = Object.values(extensions).map(({ extension }) => extension);
		this.#reader = new MessageReader(isServer ? "server" : "client", {
			extensions: list,
			limits: { maxMessageSize: maxPayload > 0 ? maxPayload : Number.POSITIVE_INFINITY },
			isUtf8: skipUTF8Validation ? () => true : isUtf8,
		});
	}

	override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error) => void): void {
		const reader = this.#reader;
		// A copy: frames are unmasked in place.
		reader.receive(new Uint8Array(chunk));
		while (true) {
			const event = reader.next();
			if (event === null && !reader.hasMore) return callback();
			switch (event?.type) {
				case "utf8":
					this.emit("message", bufferOf(event.bytes), false);
					break;
				case "binary":
					this.emit("message", bufferOf(event.bytes), true);
					break;
				case "ping":
				case "pong":
					this.emit(event.type, bufferOf(event.payload));
					break;
				case "close":
					this.emit("conclude", event.code, Buffer.from(event.reason));
					this.end();
					break;
				case "failed":
					return callback(frameError(event.failure));
			}
		}
	}
}
