import { describe, expect, test } from "vitest";
import { connectionFailure } from "../src/failure.ts";
import { Lifecycle } from "../src/lifecycle.ts";
import { misuse } from "./usage.ts";

/** Ends both halves and gives the `closed` event. */
function ended(life: Lifecycle) {
	life.hear("end");
	life.send("end");
	return life.takeClosed(0);
}

test.each([
	["data", ["finish"], "end the message that has begun"],
	["close", ["close"], "the Close frame is sent"],
	["control", ["end"], "the connection has ended"],
] as const)("%s after %j names the remedy and changes nothing", (input, before, remedy) => {
	const life = new Lifecycle();
	for (const each of before) life.send(each);
	const state = life.snapshot();
	expect(life.maySend(input)).toBe(false);
	expect(() => life.send(input)).toThrow(remedy);
	expect(misuse(() => life.send(input))).toBe("ERR_STATE");
	expect(life.snapshot()).toEqual(state);
});

describe("closed", () => {
	test("comes when both halves have ended, once", () => {
		const life = new Lifecycle();
		expect(life.takeClosed(0)).toBeNull();
		life.hear("end");
		expect(life.takeClosed(0)).toBeNull();
		life.send("end");
		expect(life.takeClosed(7)).toMatchObject({ unsent: 7 });
		expect(life.takeClosed(7)).toBeNull();
	});

	test("while open", () => {
		expect(ended(new Lifecycle())).toEqual({
			type: "closed",
			code: 1006,
			reason: "",
			wasClean: false,
			by: "stream",
			stage: "open",
			failure: null,
			unsent: 0,
		});
	});

	test("while the Close frame waits: it has not begun to close", () => {
		const life = new Lifecycle();
		life.send("finish");
		expect(life.readyState).toBe("closing");
		expect(ended(life)).toMatchObject({ wasClean: false, stage: "open" });
	});

	test("after this endpoint's Close alone", () => {
		const life = new Lifecycle();
		life.send("close");
		expect(ended(life)).toMatchObject({ code: 1006, wasClean: false, stage: "closing" });
	});

	test("after the peer's Close alone: its code counts", () => {
		const life = new Lifecycle();
		life.closeReceived(1001, "away");
		expect(ended(life)).toMatchObject({ code: 1001, reason: "away", wasClean: false, stage: "closing" });
	});

	test("after both", () => {
		const life = new Lifecycle();
		life.send("close");
		life.closeReceived(1000, "");
		expect(ended(life)).toMatchObject({ code: 1000, wasClean: true, stage: "closed" });
	});
});

test("whoever began to end it first counts, but for what the peer sent before the stream's end", () => {
	const by = (...all: ("local" | "peer" | "stream")[]) => {
		const life = new Lifecycle();
		for (const each of all) life.beginEnd(each);
		return life.endedBy;
	};
	expect([by("peer", "local"), by("local", "peer"), by("local", "stream")]).toEqual(["peer", "local", "local"]);
	expect([by("stream", "local"), by("stream", "peer")]).toEqual(["stream", "peer"]);
});

test("what went wrong first counts", () => {
	const life = new Lifecycle();
	life.fail(connectionFailure("keepalive-timeout"));
	life.fail(connectionFailure("stream-reset"));
	expect(ended(life)).toMatchObject({ failure: { kind: "keepalive-timeout" } });
});
