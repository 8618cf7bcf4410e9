import { deserialize } from "node:v8";
import type { Kind } from "./plan.ts";

/** What a connection may be in when it moves. */
export const STATES = [
	"nothing unfinished",
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
	readonly data: { readonly kind: Kind; readonly compression: boolean };
}

const TEXT = 1;
/** RFC 7692 §6: "set the RSV1 bit of the first frame". */
const RSV1 = 4;

/** The states that an offer shows. What the system has not taken is known later. */
export function statesOf({ moved, data }: Offered, hasPing: boolean): StateName[] {
	const { held, frames } = moved.connection.reader;
	const { message, unread } = frames;
	const states: StateName[] = [];
	if (message !== null) {
		const isCompressed = (message.rsv & RSV1) !== 0;
		if (message.remaining > 0) states.push("in a frame");
		if (message.fragments > 1 || !(message.remaining > 0 && message.fin))
			states.push(message.opcode === TEXT ? "in text in fragments" : "in binary in fragments");
		if (isCompressed) states.push("in a compressed message");
		else if (message.opcode === TEXT && endsInCharacter(held)) states.push("in a character");
	}
	if (unread.length > 0) states.push("received and not parsed");
	if (hasPing) states.push("ping under way");
	if (moved.isClosing) states.push("closing handshake");
	if (states.length === 0) states.push("nothing unfinished");
	states.push(data.compression ? "compression" : "no compression", `${data.kind} peer`);
	return states;
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
