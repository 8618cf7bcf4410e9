import { expect, test } from "vitest";
import { readStart } from "../src/body-start.ts";

const CHUNK = Uint8Array.of(1, 2, 3);

/** A read that is answered after so many rounds of promises. */
async function after<Result>(rounds: number, result: Result): Promise<Result> {
	for (let round = 1; round < rounds; round++) await null;
	return result;
}

function readerOf(read: () => Promise<{ done: boolean; value?: unknown }>) {
	let asked = 0;
	return {
		get asked() {
			return asked;
		},
		// The type is the one of a reader, whose results say more.
		read: () => {
			asked++;
			return read() as Promise<ReadableStreamReadResult<unknown>>;
		},
	};
}

test("a chunk and the end at once: that is the whole", async () => {
	const reader = readerOf(() => after(2, { done: true }));
	expect((await readStart(reader, after(2, { done: false, value: CHUNK }))).whole).toEqual(CHUNK);
	expect(reader.asked).toBe(1);
});

test("the whole is a copy, of Node's Buffer too, whose slice() is none", async () => {
	const chunk = Buffer.from(CHUNK);
	const { whole } = await readStart(
		readerOf(() => after(1, { done: true })),
		after(1, { done: false, value: chunk }),
	);
	chunk.fill(0);
	expect(whole).toEqual(CHUNK);
});

test("the end alone: the body is empty", async () => {
	expect((await readStart(readerOf(Promise.reject), after(1, { done: true }))).whole).toHaveLength(0);
});

test("what is not there soon is left to be awaited", async () => {
	const never = new Promise<never>(() => {});
	expect(
		await readStart(
			readerOf(() => never),
			never,
		),
	).toEqual({ whole: null, reads: [never] });
	const start = await readStart(
		readerOf(() => never),
		after(1, { done: false, value: CHUNK }),
	);
	expect(start.whole).toBeNull();
	expect(start.reads).toHaveLength(2);
	expect(start.reads[0]).toEqual({ done: false, value: CHUNK });
});

test("an error is left to who awaits the read", async () => {
	const failed = Promise.reject(new Error("broken"));
	const { whole, reads } = await readStart(
		readerOf(() => failed),
		after(1, { done: false, value: CHUNK }),
	);
	expect(whole).toBeNull();
	await expect(reads[1]).rejects.toThrow("broken");
});

test.each([
	["no bytes", "text"],
	["a large chunk", new Uint8Array(65_537)],
	["a chunk that was transferred", transferred()],
])("%s: nothing more is asked for", async (_name, value) => {
	const reader = readerOf(() => after(1, { done: true }));
	const { whole, reads } = await readStart(reader, after(1, { done: false, value }));
	expect([whole, reader.asked, reads]).toEqual([null, 0, [{ done: false, value }]]);
});

function transferred(): Uint8Array {
	const bytes = new Uint8Array(1);
	structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
	return bytes;
}
