import { describe, expect, test } from "vitest";
import type { Deflater } from "../src/codec.ts";
import { type ContextHolder, DeflateContexts } from "../src/contexts.ts";
import { noise } from "./bytes.ts";
import { counted } from "./codecs.ts";

/** Somebody who holds a compressor as a connection does. */
class Holder implements ContextHolder {
	readonly deflater: Deflater | null;
	wasUsed: boolean = true;
	isHeld: boolean = true;
	private readonly contexts: DeflateContexts;

	constructor(contexts: DeflateContexts) {
		this.contexts = contexts;
		this.deflater = contexts.acquire(this, 12);
	}

	takeUsed(): boolean {
		const { wasUsed } = this;
		this.wasUsed = false;
		return wasUsed;
	}

	releaseContext(): void {
		this.isHeld = false;
		this.deflater?.close();
		this.contexts.release(this);
	}
}

describe("compressors with a context", () => {
	test("there are as many as maxContexts", () => {
		const codec = counted();
		const contexts = new DeflateContexts(codec, { maxContexts: 2 });
		const [first, second, third] = [new Holder(contexts), new Holder(contexts), new Holder(contexts)];
		expect([first.deflater === null, second.deflater === null, third.deflater]).toEqual([false, false, null]);
		expect(codec.open.deflaters).toBe(2);
		first.releaseContext();
		expect(codec.open.deflaters).toBe(1);
		expect(new Holder(contexts).deflater).not.toBe(null);
	});

	test("a sweep takes back those that were not used since the last one", () => {
		const contexts = new DeflateContexts(counted());
		const [idle, busy] = [new Holder(contexts), new Holder(contexts)];
		contexts.sweep();
		expect([idle.isHeld, busy.isHeld]).toEqual([true, true]);
		busy.wasUsed = true;
		contexts.sweep();
		expect([idle.isHeld, busy.isHeld]).toEqual([false, true]);
	});
});

describe("compressors without a context", () => {
	test("one for each size of window, and each message begins anew", () => {
		const codec = counted();
		const contexts = new DeflateContexts(codec);
		const first = contexts.contextFree(12).deflate(noise(500));
		expect(contexts.contextFree(12).deflate(noise(500))).toEqual(first);
		expect(codec.open.deflaters).toBe(1);
		contexts.contextFree(9);
		expect(codec.open.deflaters).toBe(2);
	});

	test("are closed by the second sweep after their last use", () => {
		const codec = counted();
		const contexts = new DeflateContexts(codec);
		contexts.contextFree(12);
		contexts.sweep();
		expect(codec.open.deflaters).toBe(1);
		contexts.sweep();
		expect(codec.open.deflaters).toBe(0);
	});
});

describe("decompressors for one message", () => {
	test("are used again, and remember nothing", () => {
		const codec = counted();
		const contexts = new DeflateContexts(codec);
		const deflater = codec.deflater({ windowBits: 12, level: 6, memoryLevel: 8 });
		const [first, second] = [deflater.deflate(noise(500)), deflater.deflate(noise(500))];
		const inflater = contexts.borrowInflater();
		inflater.inflate(first, 500);
		contexts.returnInflater(inflater);
		expect(contexts.borrowInflater()).toBe(inflater);
		expect(inflater.inflate(second, 500)).toBe("corrupt");
	});

	test("a few are kept until the next sweep", () => {
		const codec = counted();
		const contexts = new DeflateContexts(codec);
		for (const inflater of Array.from({ length: 20 }, () => contexts.borrowInflater()))
			contexts.returnInflater(inflater);
		expect(codec.open.inflaters).toBe(8);
		contexts.sweep();
		expect(codec.open.inflaters).toBe(0);
	});
});

describe("promises to hold a peer's context", () => {
	test("are made up to maxContexts, where they are wanted", () => {
		const contexts = new DeflateContexts(counted(), { maxContexts: 1 });
		expect([contexts.join(false), contexts.join(true), contexts.join(true)]).toEqual([false, true, false]);
		contexts.leave(false);
		expect(contexts.join(true)).toBe(false);
		contexts.leave(true);
		expect(contexts.join(true)).toBe(true);
	});
});

test("whoever wants to sweep is told when there is something to sweep, and when there is nothing any more", () => {
	const told: boolean[] = [];
	const contexts = new DeflateContexts(counted(), {}, (isIdle) => told.push(isIdle));
	contexts.sweep();
	expect(told).toEqual([]);
	const holder = new Holder(contexts);
	contexts.contextFree(12);
	contexts.returnInflater(contexts.borrowInflater());
	expect(told).toEqual([false]);
	holder.releaseContext();
	contexts.sweep();
	expect(told).toEqual([false]);
	contexts.sweep();
	expect(told).toEqual([false, true]);
});

test("behind the last connection nothing is kept, and nobody has to sweep", () => {
	const codec = counted();
	const told: boolean[] = [];
	const contexts = new DeflateContexts(codec, {}, (isIdle) => told.push(isIdle));
	const promises = [contexts.join(true), contexts.join(true)];
	contexts.contextFree(12);
	contexts.returnInflater(contexts.borrowInflater());
	contexts.leave(promises[0]!);
	expect(codec.open).toEqual({ deflaters: 1, inflaters: 1 });
	contexts.leave(promises[1]!);
	expect(codec.open).toEqual({ deflaters: 0, inflaters: 0 });
	expect(told).toEqual([false, true]);
});

test("that nothing is left is told too when the last connection's own compressor was the last thing", () => {
	const told: boolean[] = [];
	const contexts = new DeflateContexts(counted(), {}, (isIdle) => told.push(isIdle));
	const hasPromise = contexts.join(true);
	new Holder(contexts).releaseContext();
	contexts.leave(hasPromise);
	expect(told).toEqual([false, true]);
});

test("the options are checked", () => {
	expect(() => new DeflateContexts(counted(), { level: 10 })).toThrow(
		expect.objectContaining({ code: "ERR_INVALID_DEFLATE" }),
	);
});
