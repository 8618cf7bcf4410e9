import { expect, test } from "vitest";
import { AcceptFailures, DescriptorWatch } from "../src/accept-failures.ts";
import { webPlatform } from "../src/platform.ts";
import { TransportError, transportError } from "../src/transport-error.ts";

const FULL = Object.assign(new Error("EMFILE: too many open files"), { code: "EMFILE" });

function watched() {
	const told: TransportError[] = [];
	const timers = new Set<() => void>();
	const state: { now: number; failure: Error | null } = { now: 0, failure: null };
	const openFile = (): void => {
		if (state.failure !== null) throw state.failure;
	};
	const setTimer = (callback: () => void) => {
		timers.add(callback);
		return () => timers.delete(callback);
	};
	const platform = { ...webPlatform, setTimer, now: () => state.now };
	const failures = new AcceptFailures((error) => told.push(error), platform);
	const watch = new DescriptorWatch(failures, openFile, platform);
	const look = (): void => {
		for (const timer of [...timers]) {
			timers.delete(timer);
			timer();
		}
	};
	return { told, state, timers, failures, watch, look };
}

test("a shortage is told once, however often it is met, and the next one again", () => {
	const { told, state, failures } = watched();
	const error = transportError("ERR_TOO_MANY_FILES", "accept a connection", FULL);
	for (; state.now < 60_000; state.now += 9_999) failures.failed(error);
	expect(told).toEqual([error]);
	state.now += 10_000;
	failures.failed(error);
	expect(told).toHaveLength(2);
});

test("looks after connections have come, and goes on while no descriptor is left", () => {
	const { told, state, timers, watch, look } = watched();
	watch.accepted();
	watch.accepted();
	expect(timers.size).toBe(1);
	look();
	expect([told, timers.size]).toEqual([[], 0]);
	state.failure = FULL;
	watch.accepted();
	look();
	look();
	expect(told).toHaveLength(1);
	expect(told[0]).toBeInstanceOf(TransportError);
	expect(told[0]).toMatchObject({ code: "ERR_TOO_MANY_FILES", cause: FULL });
	state.failure = null;
	look();
	expect(timers.size).toBe(0);
});

test("what else is wrong with the file says nothing about descriptors", () => {
	const { told, state, timers, watch, look } = watched();
	state.failure = Object.assign(new Error("ENOENT"), { code: "ENOENT" });
	watch.accepted();
	look();
	expect([told, timers.size]).toEqual([[], 0]);
});

test("no timer is left after stop()", () => {
	const { timers, watch } = watched();
	watch.accepted();
	watch.stop();
	expect(timers.size).toBe(0);
});
