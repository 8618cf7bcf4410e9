import { constants, deflateRawSync } from "node:zlib";
import type { Role } from "@barewire/framing";
import fc from "fast-check";
import { concat, utf8 } from "./bytes.ts";

/** A frame as it may stand on the wire, sound or not. */
interface WireFrame {
	readonly fin: boolean;
	readonly rsv: number;
	readonly opcode: number;
	readonly payload: Uint8Array;
}

const MASKING_KEY = [0x37, 0xfa, 0x21, 0x3d];

/**
 * A frame as the peer of an endpoint in the role `receiver` sends it: masked for a server, bare for a client
 * (RFC 6455 §5.1). Written without a thought of speed and without the packages, so that it shares no mistake with them.
 */
export function encodeFrame({ fin, rsv, opcode, payload }: WireFrame, receiver: Role): Uint8Array<ArrayBuffer> {
	const masked = receiver === "server";
	const header = [(fin ? 0x80 : 0) | (rsv << 4) | opcode];
	const mask = masked ? 0x80 : 0;
	const { length } = payload;
	if (length < 126) header.push(mask | length);
	else if (length < 65_536) header.push(mask | 126, length >> 8, length & 0xff);
	else {
		const size = new Uint8Array(8);
		new DataView(size.buffer).setBigUint64(0, BigInt(length));
		header.push(mask | 127, ...size);
	}
	if (!masked) return concat([new Uint8Array(header), payload]);
	return concat([
		new Uint8Array([...header, ...MASKING_KEY]),
		payload.map((byte, i) => byte ^ (MASKING_KEY[i % 4] ?? 0)),
	]);
}

/** The frame of a whole message or of a control frame. */
export function frame(opcode: number, payload: Uint8Array | string, fin: boolean = true, rsv: number = 0): WireFrame {
	return { fin, rsv, opcode, payload: typeof payload === "string" ? utf8(payload) : payload };
}

/** The payload of a Close frame (RFC 6455 §5.5.1). */
function closePayload(code: number, reason: string = ""): Uint8Array<ArrayBuffer> {
	return concat([new Uint8Array([code >> 8, code & 0xff]), utf8(reason)]);
}

// Lengths at which the form of a header or the way of a payload changes come as often as others.
const payloads: fc.Arbitrary<Uint8Array> = fc.oneof(
	{ weight: 5, arbitrary: fc.uint8Array({ maxLength: 40 }) },
	{
		weight: 1,
		arbitrary: fc
			.tuple(fc.constantFrom(125, 126, 127, 128, 255, 256, 1023, 1024, 4096, 65_535, 65_536), fc.nat(255))
			.map(([length, seed]) => Uint8Array.from({ length }, (_, i) => (i * 31 + seed) & 0xff)),
	},
);

const texts: fc.Arbitrary<string> = fc.oneof(
	{ weight: 3, arbitrary: fc.string({ unit: "binary", maxLength: 30 }) },
	{ weight: 2, arbitrary: fc.string({ unit: "grapheme", maxLength: 60 }) },
	{
		weight: 1,
		arbitrary: fc
			.tuple(fc.constantFrom("a", "é", "€", "\u{1f600}", "\ufeff"), fc.constantFrom(1, 31, 42, 63, 126, 350, 1366))
			.map(([unit, count]) => unit.repeat(count)),
	},
);

const controls: fc.Arbitrary<WireFrame> = fc
	.tuple(fc.constantFrom(0x9, 0xa), fc.uint8Array({ maxLength: 125 }))
	.map(([opcode, payload]) => frame(opcode, payload));

const closes: fc.Arbitrary<WireFrame> = fc.oneof(
	fc.constant(frame(0x8, "")),
	fc
		.tuple(fc.constantFrom(1000, 1001, 1007, 1011, 3000, 4999), fc.string({ unit: "grapheme", maxLength: 12 }))
		.map(([code, reason]) => frame(0x8, closePayload(code, reason))),
);

/**
 * The message compressed (RFC 7692 §7.2.1), by itself: what refers to nothing before it may be sent whatever was agreed on.
 * `final`: with BFINAL set, as §7.2.3.4 has it.
 */
function deflated({ opcode, payload }: WireFrame, final: boolean): WireFrame {
	const data = final
		? concat([deflateRawSync(payload), Uint8Array.of(0)])
		: deflateRawSync(payload, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
	return frame(opcode, data, true, 0b100);
}

const wholeMessages: fc.Arbitrary<WireFrame> = fc.oneof(
	texts.map((text) => frame(0x1, text)),
	payloads.map((payload) => frame(0x2, payload)),
);

/** Two messages of three are compressed. */
const mixedMessages: fc.Arbitrary<WireFrame> = fc
	.tuple(wholeMessages, fc.constantFrom("plain", "deflated", "final"))
	.map(([message, how]) => (how === "plain" ? message : deflated(message, how === "final")));

/** One message, in one frame or in fragments (RFC 6455 §5.4), empty ones too, with control frames in between. */
const messages = (compressed: boolean): fc.Arbitrary<WireFrame[]> =>
	fc
		.tuple(
			compressed ? mixedMessages : wholeMessages,
			fc.array(fc.nat(70_000), { maxLength: 4 }),
			fc.array(fc.option(controls, { nil: null }), { maxLength: 4 }),
		)
		.map(([{ opcode, payload, rsv }, positions, between]) => {
			const ends = [...positions.map((at) => at % (payload.length + 1)).sort((a, b) => a - b), payload.length];
			let from = 0;
			return ends.flatMap((to, i) => {
				const last = i === ends.length - 1;
				const fragment = frame(i === 0 ? opcode : 0x0, payload.subarray(from, to), last, i === 0 ? rsv : 0);
				from = to;
				const control = between[i] ?? null;
				return control === null || last ? [fragment] : [fragment, control];
			});
		});

/** Frames that a peer may send, in order, with a Close frame or without one. */
export function conversations(compressed: boolean): fc.Arbitrary<WireFrame[]> {
	const part = fc.oneof(
		{ weight: 3, arbitrary: messages(compressed) },
		{ weight: 1, arbitrary: controls.map((control) => [control]) },
	);
	return fc
		.tuple(fc.array(part, { maxLength: 6 }), fc.option(closes, { nil: null, freq: 3 }))
		.map(([parts, close]) => [...parts.flat(), ...(close === null ? [] : [close])]);
}

/** Frames with anything in their headers, in any order. */
export const anyFrames: fc.Arbitrary<WireFrame[]> = fc.array(
	fc.record({
		fin: fc.boolean(),
		rsv: fc.oneof({ weight: 15, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(7) }),
		opcode: fc.oneof(
			{ weight: 15, arbitrary: fc.constantFrom(0, 1, 2, 8, 9, 10) },
			{ weight: 1, arbitrary: fc.nat(15) },
		),
		payload: fc.uint8Array({ maxLength: 140 }),
	}),
	{ maxLength: 6 },
);
