import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { DeflateOptions } from "../src/settings.ts";
import { concat, noise } from "./bytes.ts";
import { CODECS } from "./codecs.ts";
import { eventsOf, join, outputOf, reader, writer } from "./joined.ts";
import { cut, payload } from "./payloads.ts";

const bits = fc.integer({ min: 8, max: 15 });

const options: fc.Arbitrary<DeflateOptions> = fc.record({
	threshold: fc.constantFrom(0, 1, 50),
	level: fc.integer({ min: 0, max: 9 }),
	windowBits: bits,
	memoryLevel: fc.integer({ min: 1, max: 9 }),
	peerWindowBits: bits,
	contextTakeover: fc.boolean(),
	peerContextTakeover: fc.boolean(),
	maxContexts: fc.constantFrom(0, 1, 10),
});

/** One thing that happens to a connection. */
type Step =
	| { readonly do: "whole" | "plain"; readonly payload: Uint8Array }
	| { readonly do: "fragments"; readonly payloads: readonly Uint8Array[] }
	| { readonly do: "sweep" };

const step: fc.Arbitrary<Step> = fc.oneof(
	{ weight: 4, arbitrary: fc.record({ do: fc.constantFrom("whole", "plain"), payload }) },
	{
		weight: 2,
		arbitrary: fc.record({ do: fc.constant("fragments"), payloads: fc.array(payload, { minLength: 1, maxLength: 4 }) }),
	},
	{ weight: 1, arbitrary: fc.record({ do: fc.constant("sweep") }) },
) as fc.Arbitrary<Step>;

describe.each(CODECS)("%s", (_, codec) => {
	test("for any parameters, messages, fragments and cuts, inflate(deflate(x)) = x, in both directions", () => {
		fc.assert(
			fc.property(
				options,
				options,
				fc.constantFrom("server", "client"),
				fc.array(step, { minLength: 1, maxLength: 8 }),
				fc.array(fc.nat(), { maxLength: 12 }),
				(serverOptions, clientOptions, from, steps, cuts) => {
					const { server, client, serverContexts, clientContexts } = join(serverOptions, clientOptions, codec, codec);
					const [own, peer] = from === "server" ? [server, client] : [client, server];
					const sending = writer(from, own);
					const receiving = reader(from === "server" ? "client" : "server", peer);
					const expected: Uint8Array[] = [];
					const pieces: Uint8Array[] = [];
					for (const each of steps) {
						if (each.do === "sweep") {
							for (const contexts of [serverContexts, clientContexts, serverContexts, clientContexts]) contexts.sweep();
						} else if (each.do === "fragments") {
							each.payloads.forEach((part, i) => {
								sending.fragment("binary", part, i === each.payloads.length - 1);
								sending.ping(noise(3));
							});
							expected.push(concat(each.payloads));
						} else {
							sending.binary(each.payload, each.do === "plain");
							expected.push(each.payload);
						}
						pieces.push(...outputOf(sending));
					}
					const events = eventsOf(receiving, cut(concat(pieces), cuts));
					const failure = events.find((event) => event.type === "failed");
					expect(failure).toBeUndefined();
					const messages = events.filter((event) => event.type === "binary");
					expect(messages.length).toBe(expected.length);
					for (const [i, { bytes }] of messages.entries()) expect(Buffer.compare(bytes, expected[i]!)).toBe(0);
					own.release();
					peer.release();
				},
			),
			{ numRuns: 200 },
		);
	});

	test("any corrupted byte ends in a failure or in other data, the same for any cuts, and within the limit", () => {
		const limit = 20_000;
		fc.assert(
			fc.property(
				fc.array(payload, { minLength: 1, maxLength: 4 }),
				fc.nat(),
				fc.integer({ min: 1, max: 255 }),
				fc.array(fc.nat(), { maxLength: 12 }),
				(payloads, position, mask, cuts) => {
					const { server } = join({}, {}, codec, codec);
					const sending = writer("server", server);
					for (const each of payloads) sending.binary(each);
					const bytes = concat(outputOf(sending));
					bytes[position % bytes.length]! ^= mask;
					const outcome = (chunks: Uint8Array[]): unknown[] => {
						const { client } = join({}, {}, codec, codec);
						const events = eventsOf(reader("client", client, limit), chunks);
						client.release();
						return events.map((event) => {
							if (event.type !== "binary") return event.type === "failed" ? event.failure.kind : event.type;
							expect(event.bytes.length).toBeLessThanOrEqual(limit);
							return Buffer.from(event.bytes).toString("hex");
						});
					};
					expect(outcome(cut(bytes, cuts))).toEqual(outcome([bytes.slice()]));
				},
			),
			{ numRuns: 300 },
		);
	});
});
