import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cuts, pauses, streams, validFrames } from "./arbitraries.ts";
import { cut, everyOctet, readChunks, readMessages } from "./reading.ts";
import { encodeFor } from "./wire.ts";

// Each bound of the limits is met by some of the streams.
const limits = { maxMessageSize: 66000, maxFrameSize: 65536, maxFragments: 4 };

describe("no event depends on how the stream was cut or when it was pulled", () => {
	test("message level, any cuts and pauses", () => {
		fc.assert(
			fc.property(streams, cuts, pauses, ({ role, octets }, positions, stops) => {
				const whole = readMessages(role, [octets], { limits });
				expect(readMessages(role, cut(octets, positions), { limits }, stops)).toEqual(whole);
			}),
			{ numRuns: 1500 },
		);
	});

	test("message level, octet by octet", () => {
		fc.assert(
			fc.property(streams, ({ role, octets }) => {
				if (octets.length > 5000) return;
				expect(readMessages(role, everyOctet(octets), { limits })).toEqual(readMessages(role, [octets], { limits }));
			}),
			{ numRuns: 500 },
		);
	});

	test("the chunk level joined is the message level", () => {
		fc.assert(
			fc.property(streams, cuts, ({ role, octets }, positions) => {
				const whole = readMessages(role, [octets], { limits });
				expect(readChunks(role, cut(octets, positions), { limits })).toEqual(whole);
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
