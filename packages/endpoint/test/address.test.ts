import { expect, test } from "vitest";
import { unixClientEnds, unixServerEnds } from "../src/address.ts";

test("both sides of a Unix domain socket have the path at the server's end, and none at the client's", () => {
	const path = "/run/app.sock";
	expect(unixServerEnds(path).local).toEqual({ transport: "unix", path });
	expect(unixServerEnds(path).remote).toEqual({ transport: "unix", path: "" });
	expect(unixClientEnds(path)).toEqual({ local: unixServerEnds(path).remote, remote: unixServerEnds(path).local });
});
