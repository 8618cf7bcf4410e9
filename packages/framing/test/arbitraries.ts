import fc from "fast-check";
import type { Role } from "../src/index.ts";
import { data, encodeFor, utf8, type WireFrame } from "./wire.ts";

export const roles: fc.Arbitrary<Role> = fc.constantFrom("server", "client");

/** Where to cut a stream, and whether to pause pulling after a chunk. */
export const cuts: fc.Arbitrary<number[]> = fc.array(fc.nat(2000), { maxLength: 20 });
export const pauses: fc.Arbitrary<boolean[]> = fc.array(fc.boolean(), { maxLength: 5 });

/** Lengths at which the form of a header or the way of a payload changes are as likely as others. */
export const bytes: fc.Arbitrary<Uint8Array<ArrayBuffer>> = fc.oneof(
	{ weight: 4, arbitrary: fc.uint8Array({ maxLength: 40 }) as fc.Arbitrary<Uint8Array<ArrayBuffer>> },
	{
		weight: 1,
		arbitrary: fc
			.tuple(fc.constantFrom(125, 126, 127, 128, 255, 1023, 1024, 1500, 4096, 4097, 65535, 65536), fc.nat(255))
			.map(([length, seed]) => Uint8Array.from({ length }, (_, i) => (i * 31 + seed) & 0xff)),
	},
);

export const texts: fc.Arbitrary<string> = fc.oneof(
	{ weight: 3, arbitrary: fc.string({ unit: "binary", maxLength: 40 }) },
	{ weight: 2, arbitrary: fc.string({ unit: "binary-ascii", maxLength: 60 }) },
	{
		weight: 1,
		arbitrary: fc
			.tuple(
				fc.constantFrom("a", "é", "€", "\u{1f600}", "\ufeff"),
				fc.constantFrom(30, 41, 42, 43, 125, 126, 1365, 1366, 3000),
			)
			.map(([unit, count]) => unit.repeat(count)),
	},
);

const controlFrames: fc.Arbitrary<WireFrame> = fc
	.tuple(fc.constantFrom(0x9, 0xa), fc.uint8Array({ maxLength: 125 }))
	.map(([opcode, payload]) => data(opcode, payload));

const closeFrames: fc.Arbitrary<WireFrame> = fc.oneof(
	fc.constant(data(0x8, "")),
	fc
		.tuple(fc.constantFrom(1000, 1001, 1011, 3000, 4999, 1005, 999), fc.string({ unit: "binary", maxLength: 20 }))
		.map(([code, reason]) => data(0x8, new Uint8Array([code >> 8, code & 0xff, ...utf8(reason)]))),
	fc.uint8Array({ maxLength: 125 }).map((payload) => data(0x8, payload)),
);

/** One message in fragments, empty ones too, with control frames in between. */
const messages: fc.Arbitrary<WireFrame[]> = fc
	.tuple(
		fc.oneof(
			texts.map((text) => ({ opcode: 1, payload: utf8(text) })),
			bytes.map((payload) => ({ opcode: 2, payload })),
		),
		fc.array(fc.nat(70000), { maxLength: 4 }),
		fc.array(fc.option(controlFrames, { nil: null }), { maxLength: 4 }),
	)
	.map(([{ opcode, payload }, positions, between]) => {
		const ends = [
			...positions.map((position) => position % (payload.length + 1)).sort((a, b) => a - b),
			payload.length,
		];
		let from = 0;
		return ends.flatMap((to, i) => {
			const fragment = data(i === 0 ? opcode : 0, payload.subarray(from, to), i === ends.length - 1);
			from = to;
			const control = between[i] ?? null;
			return control === null || i === ends.length - 1 ? [fragment] : [fragment, control];
		});
	});

/** Frames that a peer may send, with an end or without one. */
export const validFrames: fc.Arbitrary<WireFrame[]> = fc
	.tuple(
		fc.array(
			fc.oneof({ weight: 3, arbitrary: messages }, { weight: 1, arbitrary: controlFrames.map((one) => [one]) }),
			{
				maxLength: 5,
			},
		),
		fc.option(closeFrames, { nil: null, freq: 3 }),
	)
	.map(([parts, close]) => [...parts.flat(), ...(close === null ? [] : [close])]);

/** Frames with anything in their header and text that need not be UTF-8, in any order. */
const anyFrames: fc.Arbitrary<WireFrame[]> = fc.array(
	fc.record({
		fin: fc.boolean(),
		rsv: fc.oneof({ weight: 12, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(7) }),
		opcode: fc.oneof(
			{ weight: 12, arbitrary: fc.constantFrom(0, 1, 2, 8, 9, 10) },
			{ weight: 1, arbitrary: fc.nat(15) },
		),
		payload: fc.uint8Array({ maxLength: 140 }),
	}),
	{ maxLength: 6 },
);

export interface Stream {
	readonly role: Role;
	readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A stream for an endpoint of this role: sound, unsound by its frames, damaged, or noise. */
export const streams: fc.Arbitrary<Stream> = roles.chain((role) => {
	const sound = validFrames.map((frames) => encodeFor(role, frames));
	const unsound = anyFrames.map((frames) => encodeFor(role, frames));
	const damaged = fc
		.tuple(fc.oneof(sound, unsound), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }))
		.map(([stream, changes]) => {
			const copy = stream.slice();
			// Most of the damage goes to the beginning, where headers are dense.
			for (const [at, value] of changes) if (copy.length > 0) copy[at % Math.min(copy.length, 200)] = value;
			return copy;
		});
	const noise = fc.uint8Array({ maxLength: 60 }) as fc.Arbitrary<Uint8Array<ArrayBuffer>>;
	return fc.oneof(sound, unsound, damaged, noise).map((bytes) => ({ role, bytes }));
});
