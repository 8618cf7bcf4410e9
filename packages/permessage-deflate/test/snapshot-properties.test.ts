import { deflateRawSync } from "node:zlib";
import { type Extension, UsageError } from "@barewire/framing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Codec } from "../src/codec.ts";
import { DeflateContexts } from "../src/contexts.ts";
import type { DeflateState } from "../src/state.ts";
import { concat, hex, noise } from "./bytes.ts";
import { CODECS, counted, ZLIB } from "./codecs.ts";
import { join } from "./joined.ts";
import { moved, restore, stateOf } from "./moving.ts";
import { cut, payload } from "./payloads.ts";

type Role = "server" | "client";

const ANY = Number.POSITIVE_INFINITY;

/** Ends its data with BFINAL, and an empty block behind it, as RFC 7692 §7.2.3.4 has it. */
const FINISHING: Codec = {
	...ZLIB,
	deflater: () => ({
		deflate: (bytes) => concat([deflateRawSync(bytes), hex("00 0000ffff")]),
		reset() {},
		close() {},
	}),
};

const role = fc.constantFrom<Role>("server", "client");

const peer = (leastBits: number) =>
	fc.record({ contextTakeover: fc.boolean(), windowBits: fc.integer({ min: leastBits, max: 15 }) });

/** A message as it is sent: its fragments; and where the compressed bytes are cut into what is decoded at a time. */
const message = fc.record({
	fragments: fc.array(payload, { minLength: 1, maxLength: 3 }),
	cuts: fc.array(fc.nat(), { maxLength: 5 }),
});

const messages = fc.array(message, { minLength: 1, maxLength: 5 });

/** After which of the calls the connection is moved. */
const schedule = fc.array(fc.boolean(), { minLength: 1, maxLength: 20 });

interface Call {
	readonly piece: Uint8Array;
	readonly last: boolean;
}

/** One end of a connection that its peer agreed with, and the calls by which it decodes what the peer sends. */
function receiving(
	receiver: Role,
	codec: Codec,
	sendersCodec: Codec,
	agreed: { contextTakeover: boolean; windowBits: number },
	sent: readonly { fragments: readonly Uint8Array[]; cuts: readonly number[] }[],
): { extension: Extension; calls: Call[] } {
	const receivers = { movable: true, peerContextTakeover: agreed.contextTakeover, peerWindowBits: agreed.windowBits };
	const { server, client } =
		receiver === "server"
			? join(receivers, { windowBits: agreed.windowBits }, codec, sendersCodec)
			: join({ windowBits: agreed.windowBits }, receivers, sendersCodec, codec);
	const [extension, sender] = receiver === "server" ? [server, client] : [client, server];
	const calls = sent.flatMap(({ fragments, cuts }) => {
		const encoded = concat(fragments.map((each, i) => sender.encode(each, i === fragments.length - 1)));
		const pieces = cut(encoded, cuts);
		// A message may begin, and end, with nothing in it.
		const around = cuts.map((each) => (each % 5 === 0 ? [hex("")] : []));
		const all = [...(around[0] ?? []), ...pieces, ...(around[1] ?? [])];
		return all.map((piece, i) => ({ piece, last: i === all.length - 1 }));
	});
	sender.release();
	expect(stateOf(extension).peer).toEqual(agreed);
	return { extension, calls };
}

/** What the calls give, until one fails. `afterEach` says who goes on. */
function outcome(
	extension: Extension,
	calls: readonly Call[],
	maxMessageSize: number,
	afterEach: (extension: Extension) => Extension,
): string[] {
	const results: string[] = [];
	let current = extension;
	let room = maxMessageSize;
	for (const { piece, last } of calls) {
		const output = current.decode(piece.slice(), last, room, ANY);
		results.push(typeof output === "string" ? output : Buffer.from(output).toString("hex"));
		if (typeof output === "string") {
			expect(current.snapshot().ok).toBe(false);
			break;
		}
		room = last ? maxMessageSize : room - output.length;
		current = afterEach(current);
	}
	current.release();
	return results;
}

describe.each(CODECS)("%s", (_, codec) => {
	function expectSame(
		receiver: Role,
		make: () => { extension: Extension; calls: Call[] },
		moves: readonly boolean[],
		maxMessageSize: number,
	): void {
		const straight = make();
		const expected = outcome(straight.extension, straight.calls, maxMessageSize, (extension) => extension);
		const watched = counted(codec);
		const [here, there] = [1, 2].map(() => new DeflateContexts(watched, { movable: true }));
		let i = 0;
		const moving = make();
		const results = outcome(moving.extension, moving.calls, maxMessageSize, (extension) =>
			moves[i++ % moves.length] ? moved(receiver, extension, i % 2 === 0 ? here! : there!) : extension,
		);
		expect(results).toEqual(expected);
		expect(watched.open).toEqual({ deflaters: 0, inflaters: 0 });
	}

	test("for any messages, fragments and cuts, a connection that is moved at any time reads the same", () => {
		fc.assert(
			fc.property(
				role,
				fc.constantFrom(ZLIB, FINISHING),
				peer(8),
				messages,
				schedule,
				(receiver, sendersCodec, agreed, sent, moves) => {
					const make = () => receiving(receiver, codec, sendersCodec, agreed, sent);
					expectSame(receiver, make, moves, Number.POSITIVE_INFINITY);
				},
			),
			{ numRuns: 200 },
		);
	});

	// A window of 8 bits is none of zlib's, which would remember more (docs/deviations.md).
	test("and fails at the same place in the same way, when the last message is broken or too big", () => {
		fc.assert(
			fc.property(
				role,
				peer(9),
				messages,
				schedule,
				fc.constantFrom(100, 2_000, 1 << 20),
				fc.nat(),
				fc.nat(255),
				(receiver, agreed, sent, moves, maxMessageSize, position, mask) => {
					const make = () => {
						const { extension, calls } = receiving(receiver, codec, ZLIB, agreed, sent);
						const before = calls.findLastIndex(({ last }, i) => last && i < calls.length - 1);
						const broken = calls.slice(before + 1).filter(({ piece }) => piece.length > 0);
						const { piece } = broken[position % broken.length]!;
						piece[position % piece.length]! ^= mask;
						return { extension, calls };
					};
					expectSame(receiver, make, moves, maxMessageSize);
				},
			),
			{ numRuns: 200 },
		);
	});

	test("any other state is refused with ERR_SNAPSHOT, or makes an extension that never throws", () => {
		const bytes = fc.oneof(fc.uint8Array({ maxLength: 600 }), payload, fc.constant(hex("f248cd")));
		const whole = fc.oneof(fc.integer({ min: -1, max: 20 }), fc.nat(10_000), fc.maxSafeInteger(), fc.double());
		const direction = fc.record(
			{ contextTakeover: fc.boolean(), windowBits: fc.integer({ min: 7, max: 16 }), more: fc.anything() },
			{ requiredKeys: ["contextTakeover", "windowBits"] },
		);
		const mutation = fc.oneof(
			fc.record({ window: bytes }),
			fc.record({ compressed: bytes }),
			fc.record({ given: whole }),
			fc.record({ isInside: fc.boolean() }),
			fc.record({ own: direction }),
			fc.record({ peer: direction }),
			fc.record({ compressed: bytes, given: whole, isInside: fc.constant(true) }),
			fc
				.tuple(fc.constantFrom("own", "peer", "window", "compressed", "given", "isInside", "x"), fc.anything())
				.map(([name, value]) => ({ [name]: value })),
		);
		const flips = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), { maxLength: 2 });
		fc.assert(
			fc.property(
				role,
				peer(8),
				messages,
				fc.nat(),
				fc.array(mutation, { maxLength: 2 }),
				flips,
				(receiver, agreed, sent, stop, mutations, flipped) => {
					const { extension, calls } = receiving(receiver, codec, ZLIB, agreed, sent);
					for (const { piece, last } of calls.slice(0, (stop % calls.length) + 1))
						extension.decode(piece, last, 1 << 20, ANY);
					const state: DeflateState = stateOf(extension);
					for (const [position, mask] of flipped)
						for (const part of [state.window, state.compressed])
							if (part.length > 0) part[position % part.length]! ^= mask;
					extension.release();
					const watched = counted(codec);
					const contexts = new DeflateContexts(watched, { movable: true, maxContexts: 1 });
					let restored: Extension;
					try {
						restored = restore(receiver, contexts, Object.assign({}, state, ...mutations));
					} catch (error) {
						expect(error).toBeInstanceOf(UsageError);
						expect(error).toMatchObject({ code: "ERR_SNAPSHOT" });
						contexts.sweep();
						expect(watched.open).toEqual({ deflaters: 0, inflaters: 0 });
						expect(contexts.join(true)).toBe(true);
						return;
					}
					restored.snapshot();
					for (const { piece, last } of calls.slice((stop % calls.length) + 1))
						restored.decode(piece, last, 5_000, ANY);
					restored.snapshot();
					restored.encode(noise(100), true);
					restored.release();
					expect(watched.open).toEqual({ deflaters: 0, inflaters: 0 });
					expect(contexts.join(true)).toBe(true);
				},
			),
			{ numRuns: 500 },
		);
	});
});
