import type { SpeedCase } from "../cases.ts";

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
	const replies = payloads.map((payload) => Buffer.concat([header(kind, payload.length, false), payload]));
	return {
		frames: Buffer.concat(Array.from({ length: CYCLE + inFlight }, (_, i) => frames[i % CYCLE]!)),
		frameSize: frames[0]!.length,
		replies: Buffer.concat(replies),
		replySize: replies[0]!.length,
		cycle: CYCLE,
		inFlight,
	};
}

/** Letters for a text, any octets for a binary message; the same in every run. */
function makePayload(kind: SpeedCase["kind"], size: number, seed: number): Buffer {
	const payload = Buffer.alloc(size);
	let state = seed;
	for (let i = 0; i < size; i++) {
		// A linear congruential generator (Numerical Recipes); its upper bits are the random ones.
		state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
		payload[i] = kind === "text" ? 0x61 + ((state >>> 24) % 26) : state >>> 24;
	}
	return payload;
}

function clientFrame(kind: SpeedCase["kind"], payload: Buffer, seed: number): Buffer {
	const key = Buffer.alloc(4);
	key.writeUInt32BE(seed >>> 0);
	const masked = Buffer.from(payload);
	for (let i = 0; i < masked.length; i++) masked[i]! ^= key[i & 3]!;
	return Buffer.concat([header(kind, payload.length, true), key, masked]);
}

/** RFC 6455 §5.2: the octets before the masking key. */
function header(kind: SpeedCase["kind"], length: number, isMasked: boolean): Buffer {
	const size = length < 126 ? 2 : length < 65536 ? 4 : 10;
	const octets = Buffer.alloc(size);
	octets[0] = kind === "text" ? 0x81 : 0x82;
	octets[1] = (isMasked ? 0x80 : 0) | (size === 2 ? length : size === 4 ? 126 : 127);
	if (size === 4) octets.writeUInt16BE(length, 2);
	if (size === 10) octets.writeBigUInt64BE(BigInt(length), 2);
	return octets;
}
