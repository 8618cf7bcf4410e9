import { deserialize } from "node:v8";
import type { Kind } from "./plan.ts";

/** What a connection may be in when it moves. */
export const STATES = [
	"between messages",
	"in a frame",
	"in a character",
	"in text in fragments",
	"in binary in fragments",
	"in a compressed message",
	"received and not parsed",
	"output not taken",
	"ping under way",
	"closing handshake",
	"compression",
	"no compression",
	"fast peer",
	"slow peer",
	"unreading peer",
] as const;

export type StateName = (typeof STATES)[number];

/** Of what an offer contains, the part that is looked at. */
export interface Offered {
	readonly moved: {
		readonly isClosing: boolean;
		readonly connection: {
			readonly reader: {
				readonly held: Uint8Array;
				readonly frames: {
					readonly unread: readonly Uint8Array[];
					readonly message: {
						readonly opcode: number;
						readonly rsv: number;
						readonly fragments: number;
						readonly remaining: number;
						readonly fin: boolean;
					} | null;
				};
			};
		};
	};
	readonly data: { readonly id: number; readonly kind: Kind; readonly compression: boolean };
}

const NOTHING: Uint8Array = new Uint8Array(0);
const TEXT = 1;
/** RFC 7692 §6: "set the RSV1 bit of the first frame". */
const RSV1 = 4;

/** The states that an offer shows, at the end of what was received. What the system has not taken is known later. */
export function statesOf({ moved, data }: Offered, hasPing: boolean): StateName[] {
	const { reader } = moved.connection;
	const { unread } = reader.frames;
	const { message, isInFrame } = endOf(reader);
	const states: StateName[] = [];
	if (message === null && !isInFrame) states.push("between messages");
	if (isInFrame) states.push("in a frame");
	if (message !== null) {
		if (message.fragments > 1 || !(isInFrame && message.fin))
			states.push(message.opcode === TEXT ? "in text in fragments" : "in binary in fragments");
		if ((message.rsv & RSV1) !== 0) states.push("in a compressed message");
		else if (message.opcode === TEXT && endsInCharacter(message.tail)) states.push("in a character");
	}
	if (unread.length > 0) states.push("received and not parsed");
	if (hasPing) states.push("ping under way");
	if (moved.isClosing) states.push("closing handshake");
	states.push(data.compression ? "compression" : "no compression", `${data.kind} peer`);
	return states;
}

/** The message that is unfinished where the received bytes end. */
interface Unfinished {
	opcode: number;
	rsv: number;
	fragments: number;
	fin: boolean;
	/** The last bytes of its payload. */
	tail: Uint8Array;
}

/** Follows the frames (RFC 6455 §5.2) that were received and not parsed, which are whole but for the last. */
function endOf({ held, frames }: Offered["moved"]["connection"]["reader"]): {
	readonly message: Unfinished | null;
	readonly isInFrame: boolean;
} {
	const bytes = Buffer.concat(frames.unread);
	const before = frames.message;
	let message: Unfinished | null = before === null ? null : { ...before, tail: bytes.length === 0 ? held : NOTHING };
	let at = 0;
	if (before !== null && before.remaining > 0) {
		if (bytes.length < before.remaining) return { message, isInFrame: true };
		at = before.remaining;
		if (before.fin) message = null;
	}
	while (at < bytes.length) {
		if (bytes.length < at + 2) return { message, isInFrame: true };
		const head = bytes[at]!;
		const short = bytes[at + 1]! & 0x7f;
		const start = at + 6 + (short === 127 ? 8 : short === 126 ? 2 : 0);
		if (bytes.length < start) return { message, isInFrame: true };
		const length =
			short === 127 ? Number(bytes.readBigUInt64BE(at + 2)) : short === 126 ? bytes.readUInt16BE(at + 2) : short;
		const opcode = head & 0xf;
		const fin = (head & 0x80) !== 0;
		const end = start + length;
		if (opcode < 8) {
			if (opcode !== 0) message = { opcode, rsv: (head >> 4) & 7, fragments: 0, fin, tail: NOTHING };
			if (message !== null) {
				message.fragments++;
				message.fin = fin;
				const last = Math.min(end, bytes.length);
				const key = bytes.subarray(start - 4, start);
				// RFC 6455 §5.3: "octet j of the transformed data" is masked with "octet at index i modulo 4".
				message.tail = Uint8Array.from({ length: Math.min(4, last - start) }, (_, i) => {
					const position = Math.max(start, last - 4) + i;
					return bytes[position]! ^ key[(position - start) & 3]!;
				});
			}
			if (fin && end <= bytes.length) message = null;
		}
		if (end > bytes.length) return { message, isInFrame: true };
		at = end;
	}
	return { message, isInFrame: false };
}

/** RFC 3629 §3: the first byte of a character tells how many follow. */
function endsInCharacter(bytes: Uint8Array): boolean {
	for (let back = 1; back <= Math.min(3, bytes.length); back++) {
		const byte = bytes[bytes.length - back]!;
		if (byte < 0x80) return false;
		if (byte >= 0xc0) return (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) > back;
	}
	return false;
}

/** The content of a message of `@barewire/handover`. */
export const contentOf = (message: { state: string }): unknown => deserialize(Buffer.from(message.state, "base64"));
