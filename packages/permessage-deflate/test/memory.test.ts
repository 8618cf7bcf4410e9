import { expect, test } from "vitest";
import { deflaterMemory, inflaterMemory } from "../src/memory.ts";

// docs/compression.md, "What a context costs": KiB on Node, Deno and Bun.
test.each([
	[12, 5, [88, 164, 170], [18, 28, 16]],
	[15, 8, [213, 279, 282], [44, 57, 45]],
	[9, 1, [75, 145, 145], [15, 25, 17]],
])("a window of %i bits, memory level %i: near what was measured", (bits, level, deflaters, inflaters) => {
	const shares = [
		...deflaters.map((measured) => deflaterMemory(bits, level) / 1024 / measured),
		...inflaters.map((measured) => inflaterMemory(bits) / 1024 / measured),
	];
	expect(Math.min(...shares)).toBeGreaterThan(0.6);
	expect(Math.max(...shares)).toBeLessThan(1.8);
});
