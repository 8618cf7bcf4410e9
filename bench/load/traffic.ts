import type { SpeedCase } from "../cases.ts";
import { clientFrame, frameHeader } from "./frames.ts";
import { makePayload } from "./payload.ts";

/** So many different messages are sent in turn, each masked with a key of its own. */
const CYCLE = 4;

/** Precomputed octets: those of the client's frames, and those that an echo server must answer with. */
export interface Traffic {
	/** `cycle` frames, and the first `inFlight` of them once more: any run of up to `inFlight` frames is one view. */
	readonly frames: Buffer;
	readonly frameSize: number;
	/** `cycle` replies. */
	readonly replies: Buffer;
	readonly replySize: number;
	readonly cycle: number;
	readonly inFlight: number;
}

export function makeTraffic({ kind, size, inFlight }: Pick<SpeedCase, "kind" | "size" | "inFlight">): Traffic {
	const payloads = Array.from({ length: CYCLE }, (_, seed) => makePayload(kind, size, seed + 1));
	const frames = payloads.map((payload, i) => clientFrame(kind, payload, 0x9e3779b1 * (i + 1)));
	const replies = payloads.map((payload) => Buffer.concat([frameHeader(kind, payload.length, false), payload]));
	return {
		frames: Buffer.concat(Array.from({ length: CYCLE + inFlight }, (_, i) => frames[i % CYCLE]!)),
		frameSize: frames[0]!.length,
		replies: Buffer.concat(replies),
		replySize: replies[0]!.length,
		cycle: CYCLE,
		inFlight,
	};
}
