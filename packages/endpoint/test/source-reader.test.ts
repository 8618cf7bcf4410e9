import { describe, expect, test } from "vitest";
import { type MessageSource, SourceReader } from "../src/source-reader.ts";

const [HIGH, LOW] = ["\ud83d", "\ude00"];
const FACE = Uint8Array.of(0xf0, 0x9f, 0x98, 0x80);
const REPLACEMENT = Uint8Array.of(0xef, 0xbf, 0xbd);

async function read(kind: "text" | "binary", source: unknown): Promise<Uint8Array[]> {
	const reader = new SourceReader(kind, source as MessageSource);
	const pieces: Uint8Array[] = [];
	for (let piece = await reader.next(); piece !== null; piece = await reader.next())
		if (piece.length > 0) pieces.push(piece);
	return pieces;
}

describe("sources", () => {
	test.each<[string, () => unknown]>([
		["an array", () => ["a", Uint8Array.of(0x62)]],
		[
			"a generator",
			function* () {
				yield "a";
				yield Uint8Array.of(0x62);
			},
		],
		[
			"an async generator",
			async function* () {
				yield "a";
				yield Uint8Array.of(0x62);
			},
		],
		[
			"a ReadableStream",
			() =>
				new ReadableStream({
					start(controller) {
						controller.enqueue("a");
						controller.enqueue(Uint8Array.of(0x62));
						controller.close();
					},
				}),
		],
	])("%s", async (_name, make) => {
		expect(await read("text", make())).toEqual([Uint8Array.of(0x61), Uint8Array.of(0x62)]);
	});

	test.each<[string, unknown]>([
		["a string", "abc"],
		["a Uint8Array", Uint8Array.of(1)],
		["an ArrayBuffer", new ArrayBuffer(1)],
		["null", null],
		["undefined", undefined],
		["an object", {}],
		["a generator function", function* () {}],
	])("%s is none", (_name, source) => {
		expect(() => new SourceReader("binary", source as MessageSource)).toThrow(
			expect.objectContaining({ name: "UsageError", code: "ERR_SOURCE" }),
		);
	});

	test("of a Response, its body is one", () => {
		expect(() => new SourceReader("binary", new Response("a") as unknown as MessageSource)).toThrow(/give its `body`/);
	});

	test("another kind than text and binary is refused", () => {
		expect(() => new SourceReader("blob" as "text", [])).toThrow(/"text" or "binary", not "blob"/);
	});

	test.each<[string, "text" | "binary", unknown]>([
		["a number", "text", 1],
		["null", "binary", null],
		["an ArrayBuffer", "binary", new ArrayBuffer(1)],
		["a string in a binary message", "binary", "a"],
	])("%s is no piece", async (_name, kind, piece) => {
		await expect(read(kind, [piece])).rejects.toMatchObject({ name: "UsageError", code: "ERR_MESSAGE_TYPE" });
	});

	test("what the source throws comes through", async () => {
		const boom = new Error("boom");
		const broken = {
			[Symbol.iterator]: () => ({
				next() {
					throw boom;
				},
			}),
		};
		await expect(read("text", broken)).rejects.toBe(boom);
	});
});

describe("a surrogate pair", () => {
	test("that is cut arrives whole", async () => {
		expect(await read("text", [HIGH, "", LOW])).toEqual([FACE]);
		expect(await read("text", [`a${HIGH}`, `${LOW}b`])).toEqual([Uint8Array.of(0x61), Uint8Array.of(...FACE, 0x62)]);
	});

	test("of which only one half comes becomes U+FFFD", async () => {
		expect(await read("text", [HIGH])).toEqual([REPLACEMENT]);
		expect(await read("text", [HIGH, "a"])).toEqual([Uint8Array.of(...REPLACEMENT, 0x61)]);
		expect(await read("text", [HIGH, HIGH, LOW])).toEqual([REPLACEMENT, FACE]);
		expect(await read("text", [LOW])).toEqual([REPLACEMENT]);
	});

	test("stays in its place before bytes", async () => {
		expect(await read("text", [HIGH, Uint8Array.of(0x61), "b"])).toEqual([
			Uint8Array.of(...REPLACEMENT, 0x61),
			Uint8Array.of(0x62),
		]);
	});
});

describe("cancelling", () => {
	test("returns an iterator, and is not concerned with what that throws", async () => {
		let returned = 0;
		const make = function* () {
			try {
				yield "a";
			} finally {
				returned++;
				// biome-ignore lint/correctness/noUnsafeFinally: that is what is tested
				throw new Error("late");
			}
		};
		const reader = new SourceReader("text", make());
		await reader.next();
		reader.cancel();
		expect(returned).toBe(1);
	});

	test("cancels a ReadableStream that is yielding nothing", async () => {
		let cancelled = 0;
		const reader = new SourceReader(
			"text",
			new ReadableStream({ pull: () => new Promise(() => {}), cancel: () => void cancelled++ }),
		);
		const waiting = reader.next();
		reader.cancel();
		expect(cancelled).toBe(1);
		expect(await waiting).toBe(null);
	});

	test("an iterator that can't be returned is left alone", () => {
		new SourceReader("text", {
			[Symbol.iterator]: () => ({ next: () => ({ done: true, value: undefined }) }),
		}).cancel();
	});
});
