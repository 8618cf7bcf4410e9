import { decodeOctets } from "./octets.ts";
import { UsageError } from "./usage-error.ts";

/** The answer of `readLine` and `readLines` when the end of the line has not arrived. */
export const NEED_MORE = 0;
/** Their answer when a line has more octets than it may. */
export const TOO_LONG = 1;
/** The answer of `readLine` when the line ends in LF alone. */
export const BARE_LF = 2;

const LF = 0x0a;
const CR = 0x0d;
const NOTHING: Uint8Array = new Uint8Array(0);
/** What the beginning of a line is first given room for, in octets. */
const FIRST_ROOM = 64;

/**
 * The received bytes that have not been parsed. Bytes are looked at once: a line that lies whole in a chunk is decoded
 * from the chunk, and of a line that spans chunks the beginning is copied into a buffer that grows by doubling, so that
 * it keeps no chunk alive and is never searched again.
 */
export class Input {
	/** Chunks in the order they came; those before `first` are read. */
	private chunks: Uint8Array[] = [];
	private first = 0;
	/** The next octet in the first chunk. */
	private offset = 0;
	/** Octets in the chunks. */
	private queued = 0;
	/** The beginning of a line whose end has not arrived. */
	private partial: Uint8Array = NOTHING;
	private partialSize = 0;
	private state: "open" | "rejected" | "taken" = "open";
	/** The peer sends nothing more. */
	ended = false;

	/** Octets received and not parsed. */
	get unread(): number {
		return this.queued + this.partialSize;
	}

	/** Whether nothing will be parsed any more: after `reject` or `takeRest`. */
	get spent(): boolean {
		return this.state !== "open";
	}

	receive(chunk: Uint8Array): void {
		if (this.state === "taken") {
			throw new UsageError(
				"ERR_READER_SPENT",
				"after takeRest the bytes belong to the next protocol, not to this reader",
			);
		}
		if (this.ended) throw new UsageError("ERR_RECEIVE_AFTER_END", "receive was called after receiveEnd");
		// A peer may well go on sending while it is being refused.
		if (this.state === "rejected" || chunk.length === 0) return;
		this.chunks.push(chunk);
		this.queued += chunk.length;
	}

	/** Drops what is there and what will come. */
	reject(): void {
		this.clear("rejected");
	}

	/** All that is unread in one piece, or null when there is nothing. Nothing can be read afterwards. */
	takeRest(): Uint8Array | null {
		const size = this.unread;
		let rest = this.chunks[this.first]?.subarray(this.offset) ?? NOTHING;
		if (rest.length < size) {
			rest = new Uint8Array(size);
			rest.set(this.partial.subarray(0, this.partialSize));
			while (this.queued > 0) {
				const at = size - this.queued;
				rest.set(this.readBytes(size)!, at);
			}
		}
		this.clear("taken");
		return size === 0 ? null : rest;
	}

	/** At most `most` octets, as a view of one chunk; null when none have arrived. */
	readBytes(most: number): Uint8Array | null {
		const chunk = this.chunks[this.first];
		if (chunk === undefined) return null;
		const size = Math.min(most, chunk.length - this.offset);
		const bytes = size === chunk.length ? chunk : chunk.subarray(this.offset, this.offset + size);
		this.skip(size);
		return bytes;
	}

	/** One line without its CRLF. `limit`: the most octets it may have with its CRLF. */
	readLine(limit: number): string | typeof NEED_MORE | typeof TOO_LONG | typeof BARE_LF {
		const line = this.read(limit, limit, true);
		if (typeof line === "number") return line;
		return line.charCodeAt(line.length - 2) === CR ? line.slice(0, -2) : BARE_LF;
	}

	/**
	 * One or more whole lines with their line ends, as many as one chunk has, none behind an empty line. To decode a
	 * head at once is several times cheaper than line by line. `lineLimit`: the most octets that one line may have;
	 * `limit`: the most that all may have.
	 */
	readLines(lineLimit: number, limit: number): string | typeof NEED_MORE | typeof TOO_LONG {
		return this.read(lineLimit, limit, false);
	}

	private read(lineLimit: number, limit: number, single: boolean): string | typeof NEED_MORE | typeof TOO_LONG {
		while (this.queued > 0) {
			const chunk = this.chunks[this.first]!;
			const held = this.partialSize;
			const end = wholeLines(chunk, this.offset, held, lineLimit, limit, single || held > 0);
			if (end > this.offset) {
				if (held === 0) {
					const text = decodeOctets(chunk, this.offset, end);
					this.skip(end - this.offset);
					return text;
				}
				this.hold(end);
				const text = decodeOctets(this.partial, 0, this.partialSize);
				this.partial = NOTHING;
				this.partialSize = 0;
				return text;
			}
			// Whether the line end is missing or too far away: the answer depends on the octets, not on how they were cut.
			if (held + chunk.length - this.offset >= Math.min(lineLimit, limit)) return TOO_LONG;
			this.hold(chunk.length);
		}
		return NEED_MORE;
	}

	/** Moves the first chunk's octets up to `end` behind the held beginning of the line. */
	private hold(end: number): void {
		const size = this.partialSize + end - this.offset;
		if (size > this.partial.length) {
			const room = new Uint8Array(Math.max(FIRST_ROOM, size, this.partial.length * 2));
			room.set(this.partial.subarray(0, this.partialSize));
			this.partial = room;
		}
		this.partial.set(this.chunks[this.first]!.subarray(this.offset, end), this.partialSize);
		this.partialSize = size;
		this.skip(end - this.offset);
	}

	private skip(size: number): void {
		this.offset += size;
		this.queued -= size;
		if (this.offset < this.chunks[this.first]!.length) return;
		this.chunks[this.first] = NOTHING;
		this.first++;
		this.offset = 0;
		// `shift` would move the whole queue for every chunk; this moves each chunk at most once on average.
		if (this.first * 2 > this.chunks.length) {
			this.chunks.splice(0, this.first);
			this.first = 0;
		}
	}

	private clear(state: "rejected" | "taken"): void {
		this.chunks = [];
		this.first = this.offset = this.queued = this.partialSize = 0;
		this.partial = NOTHING;
		this.state = state;
	}
}

/**
 * Where the whole lines that start at `from` end: `from` itself when there is none within the limits. `held` octets of
 * the first line came in earlier chunks.
 */
function wholeLines(
	chunk: Uint8Array,
	from: number,
	held: number,
	lineLimit: number,
	limit: number,
	single: boolean,
): number {
	let end = from;
	for (;;) {
		const next = chunk.indexOf(LF, end) + 1;
		const size = next - end + held;
		if (next === 0 || size > lineLimit || next - from + held > limit) return end;
		end = next;
		// Two octets or one: an empty line, or one that will be found wrong.
		if (single || size <= 2) return end;
	}
}
