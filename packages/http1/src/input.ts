import { decodeBytes } from "./bytes.ts";
import { checkUsage } from "./check-usage.ts";
import type { HttpFailureKind } from "./failure.ts";

/** What was read; null when more must arrive; the rule that is broken. */
export type Read = { readonly text: string } | null | HttpFailureKind;

const LF = 0x0a;
const NOTHING: Uint8Array = new Uint8Array(0);

/**
 * The received bytes that have not been parsed. Usually they are the last chunk, as it came. A chunk that comes while
 * something waits is copied behind it, into memory that grows by doubling: so each byte is copied a few times at most,
 * and it is searched for a line end once.
 */
export class Input {
	/** Unread from `start` to its end. */
	#bytes: Uint8Array = NOTHING;
	#start = 0;
	/** Before this there is no line end from `start` on. */
	#searched = 0;
	/** The memory of which `bytes` is the beginning, when it is this input's own. Bytes once in it stay as they are. */
	#room: Uint8Array = NOTHING;
	#state: "open" | "failed" | "taken" = "open";
	/** The peer sends nothing more. */
	ended = false;

	/** Bytes received and not parsed. */
	get unread(): number {
		return this.#bytes.length - this.#start;
	}

	/** Bytes of memory that they keep alive. */
	get memory(): number {
		return this.#bytes.buffer.byteLength;
	}

	/** Whether nothing will be parsed any more: after `fail` or `takeRest`. */
	get spent(): boolean {
		return this.#state !== "open";
	}

	receive(chunk: Uint8Array): void {
		checkUsage(this.#state !== "taken", "ERR_READER_SPENT", "after takeRest the bytes must go to the next protocol");
		checkUsage(!this.ended, "ERR_RECEIVE_AFTER_END", "after receiveEnd there must be no bytes");
		// A peer may well go on sending while it is being refused.
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

	/** Drops what is there and what will come. */
	fail(): void {
		this.#skipTo(this.#bytes.length);
		this.#state = "failed";
	}

	/** All that is unread in one piece, or null when there is nothing. Nothing can be read afterwards. */
	takeRest(): Uint8Array | null {
		const rest = this.unread === 0 ? null : this.#take(this.unread);
		this.#state = "taken";
		return rest;
	}

	/** At most `most` bytes; null when none have arrived. They are the caller's own: their buffer shows nothing else. */
	readBytes(most: number): Uint8Array | null {
		if (this.unread === 0) return null;
		const bytes = this.#take(most);
		return bytes.length === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes);
	}

	/** One line without its CRLF. `limit`: the most bytes it may have with its CRLF. */
	readLine(limit: number, tooLong: HttpFailureKind): Read {
		const line = this.readLines(limit, limit, tooLong, true);
		if (line === null || typeof line === "string") return line;
		// RFC 9112 §2.2: "A sender MUST NOT generate a bare CR". A bare LF it may not either (§2.2's CRLF), though a
		// recipient might take it for a line end.
		if (!line.text.endsWith("\r\n")) return "bare-lf";
		const text = line.text.slice(0, -2);
		return text.includes("\r") ? "bare-cr" : { text };
	}

	/**
	 * One or more whole lines with their line ends, as many as there are, none behind an empty line. To decode a head at
	 * once is several times cheaper than line by line. `lineLimit`: the most bytes that one line may have; `limit`: the
	 * most that all may have.
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
		// Whether the line end is missing or too far away: the answer depends on the bytes, not on how they were cut.
		if (this.unread >= Math.min(lineLimit, limit)) return tooLong;
		this.#searched = bytes.length;
		// The beginning of a line must not keep a whole chunk alive while it waits for its end.
		if (this.unread * 2 < bytes.buffer.byteLength) this.#move(0);
		return null;
	}

	/** At most `most` bytes, as a view. */
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

	/** Moves what is unread into new memory, with room for as much again and for `more` bytes, twice. */
	#move(more: number): void {
		const { unread } = this;
		this.#room = new Uint8Array(2 * (unread + more));
		this.#room.set(this.#bytes.subarray(this.#start));
		this.#bytes = this.#room.subarray(0, unread);
		this.#searched -= this.#start;
		this.#start = 0;
	}
}
