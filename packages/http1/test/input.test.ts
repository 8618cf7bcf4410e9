import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Input, type Read } from "../src/input.ts";
import { latin1, text } from "./drive.ts";

function inputOf(...chunks: string[]): Input {
	const input = new Input();
	for (const chunk of chunks) input.receive(latin1(chunk));
	return input;
}

describe("readLine", () => {
	const readLine = (input: Input, limit: number): Read => input.readLine(limit, "request-line-too-long");

	it("gives a line without its CRLF, across chunks too", () => {
		const input = inputOf("a\r\nb", "c\r", "\n\r\nd");
		expect([readLine(input, 9), readLine(input, 9), readLine(input, 9), readLine(input, 9)]).toEqual([
			{ text: "a" },
			{ text: "bc" },
			{ text: "" },
			null,
		]);
		expect(input.unread).toBe(1);
	});

	it("counts the CRLF into the limit", () => {
		expect(readLine(inputOf("abc\r\n"), 5)).toEqual({ text: "abc" });
		expect(readLine(inputOf("abc\r\n"), 4)).toBe("request-line-too-long");
		expect(readLine(inputOf("abc\r"), 5)).toBeNull();
		expect(readLine(inputOf("abc\r"), 4)).toBe("request-line-too-long");
		expect(readLine(inputOf("ab", "c\r"), 4)).toBe("request-line-too-long");
	});

	it("RFC 9112 §2.2: tells a bare LF and a bare CR", () => {
		expect(readLine(inputOf("a\n"), 9)).toBe("bare-lf");
		expect(readLine(inputOf("\n"), 9)).toBe("bare-lf");
		expect(readLine(inputOf("a\rb\r\n"), 9)).toBe("bare-cr");
		expect(readLine(inputOf("\r\r\n"), 9)).toBe("bare-cr");
	});
});

describe("readLines", () => {
	const readLines = (input: Input, lineLimit: number, limit: number): Read =>
		input.readLines(lineLimit, limit, "head-too-large");

	it("gives the whole lines that are there, none behind an empty one", () => {
		const input = inputOf("a\r\nb\r\n\r\nc\r\nd");
		expect([readLines(input, 9, 9), readLines(input, 9, 9), readLines(input, 9, 9)]).toEqual([
			{ text: "a\r\nb\r\n\r\n" },
			{ text: "c\r\n" },
			null,
		]);
	});

	it("stops before what is over a limit", () => {
		const input = inputOf("a\r\nbcd\r\n");
		expect([readLines(input, 4, 9), readLines(input, 4, 9)]).toEqual([{ text: "a\r\n" }, "head-too-large"]);
		expect(readLines(inputOf("a\r\nb\r\nc\r\n"), 9, 7)).toEqual({ text: "a\r\nb\r\n" });
	});
});

describe("readBytes", () => {
	it("gives a view that later chunks leave as it is, and nobody else's memory is written to", () => {
		fc.assert(
			fc.property(fc.array(fc.tuple(fc.uint8Array({ maxLength: 9 }), fc.nat(9))), (steps) => {
				const input = new Input();
				const read: Uint8Array[] = [];
				// Each chunk lies in the middle of a larger memory, whose other bytes are the caller's.
				const memories = steps.map(([chunk]) => Uint8Array.from([7, 7, ...chunk, 7, 7, 7, 7, 7, 7, 7, 7, 7]));
				for (const [index, [chunk, most]] of steps.entries()) {
					input.receive(memories[index]!.subarray(2, 2 + chunk.length));
					const bytes = input.readBytes(most);
					if (bytes !== null) read.push(bytes);
					input.readLine(100, "head-too-large");
				}
				const seen = steps.map(([chunk]) => Uint8Array.from([7, 7, ...chunk, 7, 7, 7, 7, 7, 7, 7, 7, 7]));
				expect(memories).toEqual(seen);
				const again = read.map((bytes) => text(bytes));
				input.takeRest();
				expect(read.map((bytes) => text(bytes))).toEqual(again);
			}),
		);
	});
});

describe("chunks", () => {
	it("many of them are read and dropped in order", () => {
		fc.assert(
			fc.property(
				fc.array(fc.string({ unit: "binary-ascii", maxLength: 3 })),
				fc.array(fc.integer({ min: 1, max: 5 })),
				(chunks, sizes) => {
					const input = new Input();
					let read = "";
					for (const [index, chunk] of chunks.entries()) {
						input.receive(latin1(chunk));
						for (let bytes = input.readBytes(sizes[index] ?? 0); bytes?.length; bytes = null) read += text(bytes);
					}
					const rest = input.takeRest();
					expect(read + (rest === null ? "" : text(rest))).toBe(chunks.join(""));
				},
			),
		);
	});

	it("those that were read are not kept", () => {
		const input = new Input();
		for (let count = 0; count < 1_000; count++) {
			input.receive(latin1("ab"));
			input.readBytes(count === 0 ? 1 : 2);
			if (count > 0) input.readBytes(1);
		}
		expect(JSON.stringify(input).length).toBeLessThan(300);
	});
});
