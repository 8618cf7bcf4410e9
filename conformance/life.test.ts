import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { WAYS, wayAsRow } from "./suite/lives.ts";

test("docs/life-of-a-socket.md has the table that the suite walks through", () => {
	const page = readFileSync(new URL("../docs/life-of-a-socket.md", import.meta.url), "utf8");
	const rows = page.split("\n").filter((line) => line.includes("message begins"));
	expect(rows).toEqual(WAYS.map(wayAsRow));
});
