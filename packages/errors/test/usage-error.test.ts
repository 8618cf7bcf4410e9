import { expect, test } from "vitest";
import { UsageError } from "../src/index.ts";

test("a UsageError is an Error with a name, a code and a message", () => {
	const error = new UsageError("ERR_OPTION", "the option is wrong");
	expect(error).toBeInstanceOf(Error);
	expect(error).toMatchObject({ name: "UsageError", code: "ERR_OPTION", message: "the option is wrong" });
	expect(String(error)).toBe("UsageError: the option is wrong");
});
