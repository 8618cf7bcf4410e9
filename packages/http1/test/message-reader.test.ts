import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { RequestReader, UsageError } from "../src/index.ts";
import { cuts, pulls, stream } from "./arbitraries.ts";
import { latin1, outcome, readerFor, text } from "./drive.ts";
import { ACCEPTED, FAILURES } from "./vectors.ts";

describe("any split of the bytes and any pause between pulls gives the same events", () => {
	it("one byte at a time, for every written vector", () => {
		for (const vector of [...ACCEPTED, ...Object.values(FAILURES).flat()]) {
			const everywhere = Array.from(vector.text, (_, index) => index);
			expect(outcome(vector, everywhere), vector.text).toEqual(outcome(vector));
			expect(outcome(vector, everywhere, [0]), vector.text).toEqual(outcome(vector));
		}
	});

	it("for any stream", () => {
		fc.assert(
			fc.property(stream, cuts, pulls, (vector, where, howOften) => {
				expect(outcome(vector, where, howOften)).toEqual(outcome(vector));
			}),
			{ numRuns: 4_000 },
		);
	});
});

describe("invariants of any stream", () => {
	it("heads, bodies and ends alternate, and a failure is the last", () => {
		fc.assert(
			fc.property(stream, (vector) => {
				const letters = { request: "H", response: "H", body: "B", bodyEnd: "E", failed: "F" };
				const order = outcome(vector).events.map((event) => letters[event.type]);
				expect(order.join("")).toMatch(/^(?:HB?E)*(?:HB?)?F?$/);
			}),
			{ numRuns: 2_000 },
		);
	});

	it("unread is what has not been parsed: received = parsed + unread, and unread = what takeRest gives", () => {
		fc.assert(
			fc.property(stream, fc.nat(6), (vector, times) => {
				const reader = readerFor(vector);
				const bytes = latin1(vector.text);
				reader.receive(bytes);
				expect(reader.unread).toBe(bytes.length);
				for (let count = 0; count < times; count++) reader.next();
				const { unread } = reader;
				const rest = reader.takeRest();
				expect(rest?.length ?? 0).toBe(unread);
				// The rest is the end of what was received.
				expect(vector.text.endsWith(rest === null ? "" : text(rest))).toBe(true);
			}),
		);
	});
});

describe("takeRest", () => {
	const head = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

	it("is a view of the only chunk", () => {
		const reader = new RequestReader();
		const chunk = latin1(`${head}frames`);
		reader.receive(chunk);
		expect([reader.next()?.type, reader.next()?.type]).toEqual(["request", "bodyEnd"]);
		const rest = reader.takeRest();
		expect(rest && text(rest)).toBe("frames");
		expect(rest?.buffer).toBe(chunk.buffer);
	});

	it("joins several chunks, with the beginning of a line that was looked at", () => {
		const reader = new RequestReader();
		reader.receive(latin1("GET / HT"));
		expect(reader.next()).toBeNull();
		reader.receive(latin1("TP/1.1"));
		reader.receive(latin1("\r\n"));
		expect(reader.unread).toBe(16);
		const rest = reader.takeRest();
		expect(rest && text(rest)).toBe("GET / HTTP/1.1\r\n");
	});

	it("is null when nothing is left, and the reader is spent", () => {
		const reader = new RequestReader();
		expect(reader.takeRest()).toBeNull();
		expect(reader.next()).toBeNull();
		expect(reader.idle).toBe(false);
		expect(() => reader.receive(latin1("x"))).toThrow(
			expect.objectContaining({ name: "UsageError", code: "ERR_READER_SPENT" }),
		);
	});
});

describe("after the end", () => {
	it("bytes behind the end are the caller's mistake", () => {
		const reader = new RequestReader();
		reader.receiveEnd();
		reader.receiveEnd();
		expect(() => reader.receive(latin1("x"))).toThrow(UsageError);
		expect(reader.next()).toBeNull();
	});

	it("bytes behind a failure are dropped", () => {
		const reader = new RequestReader();
		reader.receive(latin1("\n"));
		expect(reader.next()?.type).toBe("failed");
		reader.receive(latin1("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
		expect([reader.next(), reader.unread, reader.takeRest(), reader.next()]).toEqual([null, 0, null, null]);
	});
});

describe("linear time", () => {
	afterEach(() => void vi.restoreAllMocks());

	/** Bytes that are searched, copied or decoded while the stream is read in pieces of `size`. */
	function work(stream: string, size: number): number {
		let bytesTouched = 0;
		const { indexOf, set } = Uint8Array.prototype;
		vi.spyOn(Uint8Array.prototype, "indexOf").mockImplementation(function (this: Uint8Array, value, from = 0) {
			const found = indexOf.call(this, value, from);
			bytesTouched += (found === -1 ? this.length : found + 1) - from;
			return found;
		});
		vi.spyOn(Uint8Array.prototype, "set").mockImplementation(function (this: Uint8Array, source, at) {
			bytesTouched += source.length;
			set.call(this, source, at);
		});
		const { decode } = TextDecoder.prototype;
		vi.spyOn(TextDecoder.prototype, "decode").mockImplementation(function (this: TextDecoder, input, options) {
			bytesTouched += input?.byteLength ?? 0;
			return decode.call(this, input, options);
		});
		const reader = new RequestReader();
		const bytes = latin1(stream);
		for (let at = 0; at < bytes.length; at += size) {
			reader.receive(bytes.slice(at, at + size));
			for (let event = reader.next(); event !== null; event = reader.next()) {
				if (event.type === "failed") throw new Error(event.failure.message);
			}
		}
		expect(reader.unread).toBe(0);
		vi.restoreAllMocks();
		return bytesTouched;
	}

	const streams = {
		"one long field line": `GET / HTTP/1.1\r\nHost: a\r\nA: ${"b".repeat(8_000)}\r\n\r\n`,
		"many field lines": `GET / HTTP/1.1\r\nHost: a\r\n${`A: ${"b".repeat(140)}\r\n`.repeat(99)}\r\n`,
		"pipelined requests": "GET / HTTP/1.1\r\nHost: a\r\n\r\n".repeat(300),
		"a body of small chunks": `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${"1\r\nx\r\n".repeat(2_000)}0\r\n\r\n`,
		"a large body": `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 20000\r\n\r\n${"\n".repeat(20_000)}`,
	};
	for (const [name, stream] of Object.entries(streams)) {
		for (const size of [1, 2, 7, 100, 5_000, 1 << 20]) {
			it(`${name}, ${size} bytes at a time`, () => {
				// Searched, copied in and decoded once each; while a buffer doubles its bytes are copied once more on average.
				expect(work(stream, size)).toBeLessThanOrEqual(5 * stream.length);
			});
		}
	}
});

describe("what is held", () => {
	it("a line that has not ended keeps its own bytes, not the chunk", () => {
		const reader = new RequestReader();
		const chunk = new Uint8Array(65_536);
		chunk.set(latin1("GET"), 65_533);
		reader.receive(chunk.subarray(65_533));
		expect(reader.next()).toBeNull();
		expect(reader.takeRest()?.buffer.byteLength).toBeLessThanOrEqual(64);
	});

	it("an endless line is refused before more than its limit is held", () => {
		const reader = new RequestReader({ maxLineSize: 1_000 });
		let most = 0;
		for (let count = 0; count < 2_000; count++) {
			reader.receive(latin1("a"));
			reader.next();
			most = Math.max(most, reader.unread);
		}
		expect([most, reader.unread]).toEqual([999, 0]);
	});
});
