import { decodeBytes } from "./bytes.ts";
import { checkUsage } from "./check-usage.ts";
import type { HttpFailureKind } from "./failure.ts";

/** The text that was read, null if more bytes are needed, or the violation. */
export type Read = { readonly text: string } | null | HttpFailureKind;

const LF = 0x0a;
const NOTHING: Uint8Array = new Uint8Array(0);

/**
 * The received bytes that are not parsed yet. Usually they are a part of the last chunk. If a chunk is received while bytes wait, it is
 * copied after them, into memory that grows by doubling. So each byte is copied only a few times, and searched for a line end only once.
 */
export class Input {
	/** Unread from `start` to the end. */
	#bytes: Uint8Array = NOTHING;
	#start = 0;
	/** There is no line end between `start` and this position. */
	#searched = 0;
	/** The memory that begins with `bytes`, if it was allocated by this input. Bytes in it never change. */
	#room: Uint8Array = NOTHING;
	#state: "open" | "failed" | "taken" = "open";
	/** The peer has ended the stream. */
	ended = false;

	/** Bytes received and not parsed. */
	get unread(): number {
		return this.#bytes.length - this.#start;
	}

	/** Bytes of memory that the unread bytes keep alive. */
	get memory(): number {
		return this.#bytes.buffer.byteLength;
	}

	/** Whether parsing has stopped: after `fail` or `takeRest`. */
	get spent(): boolean {
		return this.#state !== "open";
	}

	receive(chunk: Uint8Array): void {
		checkUsage(this.#state !== "taken", "ERR_READER_SPENT", "after takeRest the bytes must go to the next protocol");
		checkUsage(!this.ended, "ERR_RECEIVE_AFTER_END", "after receiveEnd there must be no bytes");
		// A peer may continue to send while it is being rejected.
		if (this.spent) return;
		if (this.unread === 0) {
			this.#bytes = chunk;
			return;
		}
		if (this.#bytes.length + chunk.length > this.#room.length) this.#move(chunk.length);
		const end = this.#bytes.length;
		this.#room.set(chunk, end);
		this.#bytes = this.#room.subarray(0, end + chunk.length);
	}

	/** Drops the unread bytes and all further input. */
	fail(): void {
		this.#skipTo(this.#bytes.length);
		this.#state = "failed";
	}

	/** Returns all unread bytes in one piece, or null when there are none. Nothing can be read afterwards. */
	takeRest(): Uint8Array | null {
		const rest = this.unread === 0 ? null : this.#take(this.unread);
		this.#state = "taken";
		return rest;
	}

	/** Returns at most `most` bytes. null: there are none. The caller owns them: their buffer contains nothing else. */
	readBytes(most: number): Uint8Array | null {
		if (this.unread === 0) return null;
		const bytes = this.#take(most);
		return bytes.length === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes);
	}

	/** Reads one line without its CRLF. `limit`: the maximum number of bytes including the CRLF. */
	readLine(limit: number, tooLong: HttpFailureKind): Read {
		const line = this.readLines(limit, limit, tooLong, true);
		return line === null || typeof line === "string" ? line : firstLine(line.text);
	}

	/**
	 * Reads all available whole lines with their line ends, but none after an empty line. Decoding a head at once is several times
	 * faster than decoding it line by line. `lineLimit`: the maximum number of bytes of one line; `limit`: the maximum of all lines.
	 */
	readLines(lineLimit: number, limit: number, tooLong: HttpFailureKind, single: boolean = false): Read {
		const bytes = this.#bytes;
		const start = this.#start;
		let end = start;
		for (let size = 0; size === 0 || (size > 2 && !single); ) {
			const next = bytes.indexOf(LF, Math.max(end, this.#searched)) + 1;
			size = next - end;
			if (next === 0 || size > lineLimit || next - start > limit) break;
			end = next;
		}
		if (end > start) {
			const text = decodeBytes(bytes, start, end);
			this.#skipTo(end);
			return { text };
		}
		// The line end is missing or too far away. The result depends only on the bytes, not on how they were split.
		if (this.unread >= Math.min(lineLimit, limit)) return tooLong;
		this.#searched = bytes.length;
		// The beginning of an incomplete line must not keep a whole chunk in memory.
		if (this.unread * 2 < bytes.buffer.byteLength) this.#move(0);
		return null;
	}

	/** Takes at most `most` bytes, as a view. */
	#take(most: number): Uint8Array {
		const bytes = this.#bytes.subarray(this.#start, this.#start + most);
		this.#skipTo(this.#start + bytes.length);
		return bytes;
	}

	#skipTo(end: number): void {
		this.#start = this.#searched = end;
		if (this.unread > 0) return;
		this.#bytes = this.#room = NOTHING;
		this.#start = this.#searched = 0;
	}

	/** Moves the unread bytes into new memory. Its size is twice the sum of the unread bytes and `more`. */
	#move(more: number): void {
		const { unread } = this;
		this.#room = new Uint8Array(2 * (unread + more));
		this.#room.set(this.#bytes.subarray(this.#start));
		this.#bytes = this.#room.subarray(0, unread);
		this.#searched -= this.#start;
		this.#start = 0;
	}
}

/** Returns the first line of `text` without its CRLF. The text has at least one line end. */
export function firstLine(text: string): Exclude<Read, null> {
	const end = text.indexOf("\n") - 1;
	// RFC 9112 §2.2: "A sender MUST NOT generate a bare CR". A sender must not generate a bare LF either (§2.2's CRLF), but a
	// recipient might accept it as a line end.
	if (text[end] !== "\r") return "bare-lf";
	const line = text.slice(0, end);
	return line.includes("\r") ? "bare-cr" : { text: line };
}
