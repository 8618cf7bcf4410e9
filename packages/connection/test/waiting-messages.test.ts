import { expect, test } from "vitest";
import type { WaitingMessage } from "../src/waiting-message.ts";
import { WaitingMessages } from "../src/waiting-messages.ts";
import { bytesOf, textOf } from "./wire.ts";

function message(text: string, key: string | null = null, kind: WaitingMessage["kind"] = "prepared"): WaitingMessage {
	return { kind, payload: bytesOf(text), plain: false, key };
}

function texts(waiting: WaitingMessages): string[] {
	return waiting.all().map(({ payload }) => (typeof payload === "string" ? payload : textOf(payload)));
}

test("in the order in which they were sent, the newest alone of each key", () => {
	const waiting = new WaitingMessages();
	for (const each of [message("1", "a"), message("2"), message("3", "b"), message("4", "a"), message("5", "a")])
		waiting.push(each);
	expect(texts(waiting)).toEqual(["2", "3", "5"]);
	expect(waiting.bytes).toBe(3 * (1 + 64));
	expect(waiting.ofKey("a")).toBe(waiting.all()[2]);
});

test("the first of all, and one that is alone, can be replaced too", () => {
	const waiting = new WaitingMessages();
	waiting.push(message("1", "a"));
	waiting.push(message("2", "a"));
	expect(texts(waiting)).toEqual(["2"]);
	waiting.push(message("3"));
	waiting.push(message("4", "a"));
	expect([texts(waiting), waiting.first?.payload]).toEqual([["3", "4"], bytesOf("3")]);
});

test("what was taken is replaced no more", () => {
	const waiting = new WaitingMessages();
	waiting.push(message("1", "a"));
	waiting.shift();
	expect([waiting.first, waiting.ofKey("a"), waiting.bytes]).toEqual([null, null, 0]);
	waiting.push(message("2", "a"));
	expect(texts(waiting)).toEqual(["2"]);
	waiting.shift();
	waiting.shift();
	expect(waiting.bytes).toBe(0);
});

test("it counts the places, and those that are yet to be transformed", () => {
	const waiting = new WaitingMessages();
	for (const each of [message("", null, "beginText"), message("1", "a", "text"), message("2", "a"), message("3")])
		waiting.push(each);
	expect([waiting.places, waiting.unprepared]).toEqual([1, 1]);
	waiting.shift();
	expect([waiting.places, waiting.unprepared]).toEqual([0, 0]);
});

test("what is left of the first one takes its place, and is replaced no more", () => {
	const waiting = new WaitingMessages();
	waiting.push(message("123", "a", "text"));
	waiting.push(message("4", null, "text"));
	waiting.replaceFirst(message("3", null, "restText"));
	waiting.push(message("5", "a", "text"));
	expect([texts(waiting), waiting.bytes, waiting.unprepared]).toEqual([["3", "4", "5"], 3 * (1 + 64), 3]);
});

test("an end counts nothing", () => {
	const waiting = new WaitingMessages();
	waiting.push(message("1", null, "text"));
	expect([waiting.bytes, waiting.hasEnd]).toEqual([65, false]);
	waiting.push(message("12", null, "close"));
	expect([waiting.bytes, waiting.hasEnd]).toEqual([65, true]);
});
