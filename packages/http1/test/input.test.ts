import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BARE_LF, Input, NEED_MORE, TOO_LONG } from "../src/input.ts";
import { octets, text } from "./drive.ts";

function inputOf(...chunks: string[]): Input {
	const input = new Input();
	for (const chunk of chunks) input.receive(octets(chunk));
	return input;
}

describe("readLine", () => {
	it("gives a line without its CRLF, across chunks too", () => {
		const input = inputOf("a\r\nb", "c\r", "\n\r\nd");
		expect([input.readLine(9), input.readLine(9), input.readLine(9), input.readLine(9)]).toEqual([
			"a",
			"bc",
			"",
			NEED_MORE,
		]);
		expect(input.unread).toBe(1);
	});

	it("counts the CRLF into the limit", () => {
		expect(inputOf("abc\r\n").readLine(5)).toBe("abc");
		expect(inputOf("abc\r\n").readLine(4)).toBe(TOO_LONG);
		expect(inputOf("abc\r").readLine(5)).toBe(NEED_MORE);
		expect(inputOf("abc\r").readLine(4)).toBe(TOO_LONG);
		expect(inputOf("ab", "c\r").readLine(4)).toBe(TOO_LONG);
	});

	it("tells a bare LF", () => {
		expect(inputOf("a\n").readLine(9)).toBe(BARE_LF);
		expect(inputOf("\n").readLine(9)).toBe(BARE_LF);
	});
});

describe("readLines", () => {
	it("gives the whole lines of a chunk, none behind an empty one", () => {
		const input = inputOf("a\r\nb\r\n\r\nc\r\nd");
		expect([input.readLines(9, 9), input.readLines(9, 9), input.readLines(9, 9)]).toEqual([
			"a\r\nb\r\n\r\n",
			"c\r\n",
			NEED_MORE,
		]);
	});

	it("stops before what is over a limit", () => {
		const input = inputOf("a\r\nbcd\r\n");
		expect([input.readLines(4, 9), input.readLines(4, 9)]).toEqual(["a\r\n", TOO_LONG]);
		const whole = inputOf("a\r\nb\r\nc\r\n");
		expect(whole.readLines(9, 7)).toBe("a\r\nb\r\n");
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
						input.receive(octets(chunk));
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
			input.receive(octets("ab"));
			input.readBytes(count === 0 ? 1 : 2);
			if (count > 0) input.readBytes(1);
		}
		expect(JSON.stringify(input).length).toBeLessThan(300);
	});
});
