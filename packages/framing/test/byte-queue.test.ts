import fc from "fast-check";
import { expect, test } from "vitest";
import { ByteQueue } from "../src/byte-queue.ts";

test("first in, first out, in any order of pushes and shifts", () => {
	fc.assert(
		fc.property(fc.array(fc.tuple(fc.nat(700), fc.nat(700)), { maxLength: 6 }), (bursts) => {
			const queue = new ByteQueue();
			const model: Uint8Array[] = [];
			for (const [pushes, shifts] of bursts) {
				for (let i = 0; i < pushes; i++) {
					const chunk = new Uint8Array(0);
					queue.push(chunk);
					model.push(chunk);
				}
				for (let i = 0; i < shifts; i++) {
					if (queue.shift() !== (model.shift() ?? null)) expect.fail("out of order");
				}
				const all = queue.all();
				if (all.length !== model.length || all.some((chunk, i) => chunk !== model[i])) expect.fail("not all");
			}
		}),
	);
});
