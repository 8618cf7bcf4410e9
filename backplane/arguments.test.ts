import { expect, test } from "vitest";
import { UsageError } from "../bench/command.ts";
import { readArguments } from "./arguments.ts";

test("both brokers, and the full number", () => {
	expect(readArguments([])).toEqual({ brokers: ["nats", "redis"], messages: 200_000, pause: 10 });
});

test("the short form, with one of them", () => {
	expect(readArguments(["--", "--check", "--broker", "redis"])).toEqual({
		brokers: ["redis"],
		messages: 20_000,
		pause: 3,
	});
});

test("--help asks for the usage", () => {
	expect(readArguments(["--help"])).toBeNull();
});

test.each([["more"], ["--broker", "kafka"], ["--fast"]])("%s %s is refused", (...line) => {
	expect(() => readArguments(line)).toThrow(UsageError);
});
