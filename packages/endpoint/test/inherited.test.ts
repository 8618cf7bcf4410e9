import { expect, test } from "vitest";
import { inheritedDescriptor } from "../src/inherited.ts";
import { listenPlace } from "../src/listen-options.ts";

test("a number is that descriptor, and systemd's first one is 3", () => {
	expect(inheritedDescriptor(7, {}, 1)).toBe(7);
	expect(inheritedDescriptor("systemd", { LISTEN_FDS: "1", LISTEN_PID: "42" }, 42)).toBe(3);
});

test.each([
	[{}, /LISTEN_FDS and LISTEN_PID are not set: .*systemd-socket-activate/],
	[{ LISTEN_FDS: "1" }, /are not set/],
	[{ LISTEN_FDS: "1", LISTEN_PID: "41" }, /LISTEN_PID is 41, and this process is 42: .*without it/],
	[{ LISTEN_FDS: "2", LISTEN_PID: "42" }, /LISTEN_FDS is 2, .*by its number/],
	[{ LISTEN_FDS: "0", LISTEN_PID: "42" }, /LISTEN_FDS is 0/],
])("systemd has passed no socket: %j", (environment, message) => {
	const refused = expect.objectContaining({ name: "UsageError", code: "ERR_OPTION" });
	expect(() => inheritedDescriptor("systemd", environment, 42)).toThrow(refused);
	expect(() => inheritedDescriptor("systemd", environment, 42)).toThrow(message);
});

test("where an inherited socket listens can't be said again", () => {
	expect(listenPlace({ fd: 3 })).toMatchObject({ fd: 3, path: null, task: "listen on descriptor 3" });
	expect(listenPlace({ fd: "systemd" }).task).toBe("listen on the socket of systemd");
	for (const other of [{ port: 80 }, { path: "/x" }, { hostname: "a" }, { backlog: 5 }])
		expect(() => listenPlace({ fd: 3, ...other })).toThrow(/`fd`/);
	for (const fd of [-1, 1.5, "3"] as never[]) expect(() => listenPlace({ fd })).toThrow(/`fd` must be .*"systemd"/);
});
