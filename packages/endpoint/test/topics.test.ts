import { expect, test } from "vitest";
import { Topics } from "../src/topics.ts";

test("subscribers come and go, each once", () => {
	const topics = new Topics<string>();
	topics.subscribe("t", "a");
	topics.subscribe("t", "a");
	topics.subscribe("t", "b");
	expect([...topics.of("t")]).toEqual(["a", "b"]);
	topics.unsubscribe("t", "a");
	topics.unsubscribe("t", "a");
	topics.unsubscribe("other", "a");
	expect([...topics.of("t")]).toEqual(["b"]);
	topics.unsubscribe("t", "b");
	expect(topics.of("t").size).toBe(0);
});

test("a topic named like a property of objects is a topic", () => {
	const topics = new Topics<string>();
	expect(topics.of("__proto__").size).toBe(0);
	topics.subscribe("__proto__", "a");
	expect([...topics.of("__proto__")]).toEqual(["a"]);
	expect(topics.of("constructor").size).toBe(0);
});
