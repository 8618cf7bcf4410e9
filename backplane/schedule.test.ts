import { expect, test } from "vitest";
import { deliveries, SOCKETS, subscribers, TOPICS, topicsOf } from "./schedule.ts";

test("each socket has two topics, and each topic has as many sockets", () => {
	for (let socket = 0; socket < SOCKETS; socket++) expect(new Set(topicsOf(socket)).size).toBe(2);
	const counts = subscribers();
	expect(counts.length).toBe(TOPICS);
	expect(counts.reduce((sum, count) => sum + count)).toBe(2 * SOCKETS);
});

test("what arrives in one round", () => {
	expect(deliveries(0, TOPICS)).toBe(3 * 16 * 2 * SOCKETS);
	expect(deliveries(5, 5)).toBe(0);
});
