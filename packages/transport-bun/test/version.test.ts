import { expect, test } from "bun:test";
import { checkVersion } from "../src/version.ts";

test("a Bun that is too old is refused, and says so", () => {
	expect(() => checkVersion("1.4.3")).toThrow("Bun 1.4.4 or later is needed, and this is 1.4.3");
	expect(() => checkVersion("1.3.14")).toThrow(expect.objectContaining({ code: "ERR_RUNTIME" }));
	for (const version of ["1.4.4", "1.5.0-canary.1", "1.10.0", Bun.version]) checkVersion(version);
});
