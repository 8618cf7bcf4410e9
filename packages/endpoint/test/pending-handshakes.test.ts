import { expect, test } from "vitest";
import { VirtualClock } from "../src/memory/index.ts";
import { PendingHandshakes } from "../src/pending-handshakes.ts";

test("whoever takes too long is cut off, and whoever is done is not", async () => {
	const clock = new VirtualClock();
	const cut: string[] = [];
	const handshakes = new PendingHandshakes<string>(1_000, (socket) => void cut.push(socket), clock);
	handshakes.begin("slow");
	const done = handshakes.begin("quick");
	await clock.advance(999);
	expect(cut).toEqual([]);
	done();
	await clock.advance(1);
	expect(cut).toEqual(["slow"]);
});

test("all that are under way can be cut off at once", () => {
	const clock = new VirtualClock();
	const cut: string[] = [];
	const handshakes = new PendingHandshakes<string>(1_000, (socket) => void cut.push(socket), clock);
	const done = handshakes.begin("done");
	handshakes.begin("one");
	handshakes.begin("another");
	done();
	handshakes.cutAll();
	expect(cut).toEqual(["one", "another"]);
});
