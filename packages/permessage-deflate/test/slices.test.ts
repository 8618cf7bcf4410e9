import { deflateRawSync } from "node:zlib";
import { type MessageEvent, MessageReader, type Role } from "@barewire/framing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Inflater } from "../src/codec.ts";
import { DeflateContexts } from "../src/contexts.ts";
import { concat, hex, noise } from "./bytes.ts";
import { CODECS, counted, ZLIB } from "./codecs.ts";
import { join, outputOf, writer } from "./joined.ts";
import { moved, reasonOf } from "./moving.ts";
import { cut, payload } from "./payloads.ts";

const ANY = Number.POSITIVE_INFINITY;
const MIB = 1024 * 1024;
const OPTIONS = { windowBits: 12, level: 3, memoryLevel: 5 };

const most = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 5_000 }), fc.constant(ANY));

/** Inflates the data by slices, and gives them, or a failure at their end. */
function slices(inflater: Inflater, data: Uint8Array, most: number, limit: number = ANY): (Uint8Array | string)[] {
	const given: (Uint8Array | string)[] = [];
	let room = limit;
	for (let rest = data; rest.length > 0; ) {
		const slice = inflater.inflate(rest, room, most);
		given.push(slice);
		if (typeof slice === "string") break;
		room -= slice.length;
		rest = rest.subarray(rest.length - (inflater.left ?? 0));
	}
	return given;
}

/** Blocks without compression, with fixed codes and with their own, and some with BFINAL. */
const data = fc
	.array(fc.tuple(payload, fc.constantFrom("sync", "stored", "final")), { minLength: 1, maxLength: 4 })
	.map((blocks) =>
		blocks.map(([bytes, how]) => {
			if (how === "final") return { bytes, deflated: new Uint8Array(deflateRawSync(bytes)) };
			if (bytes.length === 0) return { bytes, deflated: hex("00 0000ffff") };
			const deflater = ZLIB.deflater({ ...OPTIONS, level: how === "stored" ? 0 : 6 });
			const deflated = deflater.deflate(bytes);
			deflater.close();
			return { bytes, deflated };
		}),
	);

describe.each(CODECS)("%s", (_, codec) => {
	test("a payload that gives no more than `most` is taken whole, in one piece", () => {
		const inflater = codec.inflater(15);
		const deflated = codec.deflater(OPTIONS).deflate(noise(1_000));
		for (const size of [1_001, ANY]) {
			expect(inflater.inflate(deflated, ANY, size)).toEqual(noise(1_000));
			expect(inflater.left).toBe(0);
			inflater.reset();
		}
	});

	test("1 MiB at a time: a slice is hardly larger, and the rest of the payload is left", () => {
		const deflater = codec.deflater(OPTIONS);
		const deflated = deflater.deflate(new Uint8Array(5 * MIB).fill(1)).slice(0, -4);
		const inflater = codec.inflater(12);
		const given = slices(inflater, deflated, MIB) as Uint8Array[];
		const sizes = given.map(({ length }) => length);
		for (const size of sizes.slice(0, -1)) {
			expect(size).toBeGreaterThanOrEqual(MIB);
			expect(size).toBeLessThan(MIB + 16 * 1024);
		}
		expect(Buffer.compare(concat(given), new Uint8Array(5 * MIB).fill(1))).toBe(0);
		expect([sizes.length, inflater.left, inflater.endMessage()]).toEqual([5, 0, 5 * MIB]);
	});

	test("slices joined are the whole, for any data and `most`, and each is as if the data had been cut behind it", () => {
		fc.assert(
			fc.property(data, most, (blocks, size) => {
				const deflated = concat(blocks.map((block) => block.deflated));
				const [sliced, split] = [codec.inflater(15), codec.inflater(15)];
				const pieces: Uint8Array[] = [];
				let room = 200_000;
				for (let rest = deflated; rest.length > 0; ) {
					const slice = sliced.inflate(rest, room, size) as Uint8Array;
					const left = sliced.left ?? 0;
					const taken = rest.length - left;
					expect(split.inflate(rest.subarray(0, taken), room)).toEqual(slice);
					if (left > 0) expect(slice.length).toBeGreaterThanOrEqual(size);
					pieces.push(slice);
					room -= slice.length;
					rest = rest.subarray(taken);
				}
				expect(Buffer.compare(concat(pieces), concat(blocks.map(({ bytes }) => bytes)))).toBe(0);
				expect(sliced.endMessage()).toBe(split.endMessage());
				sliced.close();
				split.close();
			}),
			{ numRuns: 300 },
		);
	});

	test("the limit and a failure are found as without slices, for any broken byte", () => {
		fc.assert(
			fc.property(data, most, fc.nat(), fc.nat(255), fc.nat(6_000), (blocks, size, position, mask, limit) => {
				const deflated = concat(blocks.map((block) => block.deflated));
				deflated[position % deflated.length]! ^= mask;
				const outcome = (each: number): string => {
					const inflater = codec.inflater(15);
					const given = slices(inflater, deflated, each, limit);
					inflater.close();
					const last = given.at(-1);
					if (typeof last === "string") return last;
					return Buffer.from(concat(given as Uint8Array[])).toString("hex");
				};
				expect(outcome(size)).toBe(outcome(ANY));
			}),
			{ numRuns: 300 },
		);
	});

	test("an extension that is moved between any two slices goes on exactly, and keeps its window", () => {
		fc.assert(
			fc.property(
				fc.constantFrom<Role>("server", "client"),
				fc.boolean(),
				fc.array(payload, { minLength: 1, maxLength: 4 }),
				most,
				fc.array(fc.boolean(), { minLength: 1, maxLength: 8 }),
				(role, takesOver, messages, size, moves) => {
					const receives = { movable: true, peerContextTakeover: takesOver };
					const joined = role === "server" ? join(receives, {}, codec, codec) : join({}, receives, codec, codec);
					const [receiver, sender] =
						role === "server" ? [joined.server, joined.client] : [joined.client, joined.server];
					const watched = counted(codec);
					const contexts = new DeflateContexts(watched, receives);
					let extension = receiver;
					let i = 0;
					for (const message of messages) {
						const pieces: Uint8Array[] = [];
						let rest = sender.encode(message, true);
						do {
							const piece = rest.slice();
							pieces.push(extension.decode(piece, true, ANY, size) as Uint8Array);
							rest = rest.slice(rest.length - (extension.left ?? 0));
							if (moves[i++ % moves.length]) extension = moved(role, extension, contexts);
						} while (rest.length > 0);
						expect(Buffer.compare(concat(pieces), message)).toBe(0);
					}
					extension.release();
					expect(watched.open).toEqual({ deflaters: 0, inflaters: 0 });
				},
			),
			{ numRuns: 200 },
		);
	});
});

describe.each<Role>(["server", "client"])("%s: a reader of compressed messages", (role) => {
	/** A peer's frames, and a reader for them. */
	function received(messages: readonly Uint8Array[], options: { parts?: boolean; maxMessageSize?: number } = {}) {
		const { server, client } = join({ movable: true }, { movable: true });
		const sending = writer(role === "server" ? "client" : "server", role === "server" ? client : server);
		for (const message of messages) sending.binary(message);
		const { parts = false, maxMessageSize = 16 * MIB } = options;
		const extension = role === "server" ? server : client;
		const limits = { maxMessageSize, maxStreamedSize: maxMessageSize };
		const reader = new MessageReader(role, { parts, extensions: [extension], limits });
		return { reader, extension, bytes: concat(outputOf(sending)) };
	}

	/** The events of all calls, and how many gave none. */
	function read(reader: MessageReader): { events: MessageEvent[]; slices: number } {
		const events: MessageEvent[] = [];
		let slices = 0;
		for (;;) {
			const event = reader.next();
			if (event !== null) events.push(event);
			else if (reader.hasMore) slices++;
			else return { events, slices };
		}
	}

	const large = concat([new Uint8Array(5 * MIB).fill(7), noise(1_000)]);
	const small = noise(500);

	test.each([false, true])("a small chunk with a large message takes several calls, parts: %s", (parts) => {
		const { reader, bytes } = received([large, small, large], { parts });
		expect(bytes.length).toBeLessThan(64 * 1024);
		for (const chunk of cut(bytes, [20])) reader.receive(chunk);
		const { events, slices } = read(reader);
		const pieces = events.map((event) => ("bytes" in event ? event.bytes : hex("")));
		expect(Buffer.compare(concat(pieces), concat([large, small, large]))).toBe(0);
		if (!parts) expect(slices).toBeGreaterThanOrEqual(9);
		else for (const { length } of pieces) expect(length).toBeLessThan(MIB + 16 * 1024);
	});

	test("a message of less than 1 MiB is one piece of work", () => {
		const { reader, bytes } = received([large.subarray(0, MIB - 1), small]);
		reader.receive(bytes);
		expect([reader.next(), reader.next(), reader.next()]).toMatchObject([{ type: "binary" }, { type: "binary" }, null]);
		expect(reader.unread).toBe(0);
	});

	test("the limit is on the message, not on its slices", () => {
		for (const [maxMessageSize, type] of [
			[large.length, "binary"],
			[large.length - 1, "failed"],
		] as const) {
			const { reader, bytes } = received([large], { maxMessageSize });
			reader.receive(bytes);
			expect(read(reader).events.map((event) => event.type)).toEqual([type]);
		}
	});

	test("both are moved between two slices", () => {
		const { reader, extension, bytes } = received([small, large, small]);
		reader.receive(bytes);
		expect([reader.next(), reader.next(), reader.next()]).toMatchObject([{ type: "binary" }, null, null]);
		expect(reasonOf(extension)).toBeNull();
		const there = moved(role, extension, new DeflateContexts(ZLIB, { movable: true }));
		const limits = { maxMessageSize: 16 * MIB };
		const restored = new MessageReader(role, { extensions: [there], limits });
		restored.restore(structuredClone(reader.snapshot()));
		const { events } = read(restored);
		const pieces = events.map((event) => ("bytes" in event ? event.bytes : hex("")));
		expect(pieces.map((piece, i) => Buffer.compare(piece, [large, small][i]!))).toEqual([0, 0]);
	});
});
