import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cuts, pauses, streams, validFrames } from "./arbitraries.ts";
import { cut, everyByte, readMessages, readParts } from "./reading.ts";
import { encodeFor } from "./wire.ts";

// Each bound of the limits is met by some of the streams.
const limits = { maxMessageSize: 66000, maxStreamedSize: 66000, maxFrameSize: 65536, maxFragments: 4 };

describe("no event depends on how the stream was cut or when it was pulled", () => {
	test("whole messages, any cuts and pauses", () => {
		fc.assert(
			fc.property(streams, cuts, pauses, ({ role, bytes }, positions, stops) => {
				const whole = readMessages(role, [bytes], { limits });
				expect(readMessages(role, cut(bytes, positions), { limits }, stops)).toEqual(whole);
			}),
			{ numRuns: 1500 },
		);
	});

	test("whole messages, byte by byte", () => {
		fc.assert(
			fc.property(streams, ({ role, bytes }) => {
				if (bytes.length > 5000) return;
				expect(readMessages(role, everyByte(bytes), { limits })).toEqual(readMessages(role, [bytes], { limits }));
			}),
			{ numRuns: 500 },
		);
	});

	test("parts joined are the whole messages, any cuts and pauses", () => {
		// The number of fragments is limited for whole messages only.
		const sizes = { ...limits, maxFragments: Number.POSITIVE_INFINITY };
		fc.assert(
			fc.property(streams, cuts, pauses, ({ role, bytes }, positions, stops) => {
				const whole = readMessages(role, [bytes], { limits: sizes });
				expect(readParts(role, cut(bytes, positions), { limits }, stops)).toEqual(whole);
			}),
			{ numRuns: 1500 },
		);
	});

	test("both roles make the same of the same frames", () => {
		fc.assert(
			fc.property(validFrames, cuts, (frames, positions) => {
				const server = readMessages("server", cut(encodeFor("server", frames), positions));
				expect(readMessages("client", cut(encodeFor("client", frames), positions))).toEqual(server);
			}),
		);
	});
});
