import { expect, test } from "vitest";
import { Receivers } from "../src/receivers.ts";

test("what the slowest receiver has not read is counted", () => {
	const receivers = new Receivers();
	receivers.send(100);
	expect(receivers.unread(0)).toBe(0);
	receivers.add("a", 0);
	receivers.add("b", 0);
	const sum = receivers.send(50);
	expect(receivers.unread(0)).toBe(50);
	receivers.read("a", sum, 1);
	expect(receivers.unread(1)).toBe(50);
	receivers.add("b", 1);
	expect(receivers.unread(1)).toBe(50);
	receivers.read("b", sum, 1);
	expect(receivers.unread(1)).toBe(0);
	receivers.send(7);
	receivers.remove("a");
	receivers.remove("b");
	expect(receivers.unread(1)).toBe(0);
});

test("one that does not read for ten seconds is not waited for, until it reads again", () => {
	const receivers = new Receivers();
	receivers.add("a", 0);
	expect(receivers.unread(100_000)).toBe(0);
	receivers.send(50);
	expect(receivers.unread(110_000)).toBe(50);
	expect(receivers.unread(110_001)).toBe(0);
	receivers.send(5);
	receivers.read("a", 50, 120_000);
	expect(receivers.unread(120_000)).toBe(5);
});
