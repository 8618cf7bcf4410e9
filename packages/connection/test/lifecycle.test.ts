import { describe, expect, test } from "vitest";
import { connectionFailure } from "../src/index.ts";
import { Lifecycle } from "../src/lifecycle.ts";
import { misuse } from "./usage.ts";

function switched(): Lifecycle {
	const life = new Lifecycle();
	life.send("switch");
	life.hear("switch");
	return life;
}

/** Ends both halves and gives the `closed` event. */
function ended(life: Lifecycle) {
	life.hear("end");
	life.send("end");
	return life.takeClosed();
}

test("it begins with HTTP in both halves", () => {
	const life = new Lifecycle();
	expect([life.outbound, life.inbound, life.readyState]).toEqual(["http", "http", "http"]);
	expect([life.switched, life.ending, life.failure]).toEqual([false, false, null]);
	expect(["message", "data", "control", "close"].map((input) => life.maySend(input as "data"))).toEqual([
		true,
		false,
		false,
		false,
	]);
});

test.each([
	["data", () => new Lifecycle(), "wait for the switch"],
	["message", switched, "HTTP messages can no longer be sent"],
] as const)("%s in the wrong state names the remedy and changes nothing", (input, make, remedy) => {
	const life = make();
	const before = life.outbound;
	expect(() => life.send(input)).toThrow(remedy);
	expect(misuse(() => life.send(input))).toBe("ERR_STATE");
	expect(life.outbound).toBe(before);
});

test("what the inbound half can't parse leaves it as it is", () => {
	const life = new Lifecycle();
	life.hear("frame");
	expect(life.inbound).toBe("http");
});

describe("closed", () => {
	test("comes when both halves have ended, once", () => {
		const life = switched();
		expect(life.takeClosed()).toBeNull();
		life.hear("end");
		expect(life.takeClosed()).toBeNull();
		life.send("end");
		expect(life.takeClosed()).not.toBeNull();
		expect(life.takeClosed()).toBeNull();
	});

	test("before the switch", () => {
		expect(ended(new Lifecycle())).toEqual({
			type: "closed",
			code: 1006,
			reason: "",
			wasClean: false,
			by: "stream",
			stage: "http",
			failure: null,
		});
	});

	test("while open", () => {
		expect(ended(switched())).toMatchObject({ code: 1006, wasClean: false, by: "stream", stage: "open" });
	});

	test("after this endpoint's Close alone", () => {
		const life = switched();
		life.send("close");
		expect(ended(life)).toMatchObject({ code: 1006, wasClean: false, stage: "closing" });
	});

	test("after the peer's Close alone: its code counts", () => {
		const life = switched();
		life.closingHandshakeHeard(1001, "away");
		expect(ended(life)).toMatchObject({ code: 1001, reason: "away", wasClean: false, stage: "closing" });
	});

	test("after both", () => {
		const life = switched();
		life.send("close");
		life.closingHandshakeHeard(1000, "");
		expect(ended(life)).toMatchObject({ code: 1000, wasClean: true, stage: "closed" });
	});
});

test("whoever began to end it first counts", () => {
	const life = switched();
	life.beginEnd("peer");
	life.beginEnd("local");
	expect(life.ending).toBe(true);
	expect(ended(life)).toMatchObject({ by: "peer" });
});

test("what went wrong first counts", () => {
	const life = switched();
	life.fail(connectionFailure("keepalive-timeout"));
	life.fail(connectionFailure("stream-reset"));
	expect(ended(life)).toMatchObject({ failure: { kind: "keepalive-timeout" } });
});
