import { expect, test } from "vitest";
import { connectionSettings, Http1Server, WebSocketConnection } from "../src/index.ts";
import { misuse } from "./usage.ts";

test("a `now` that is no time is refused where a connection begins or is moved", () => {
	const settings = connectionSettings();
	const connection = new WebSocketConnection({ role: "server" }, settings, 0);
	const snapshot = connection.snapshot(0);
	for (const now of [Number.NaN, Number.POSITIVE_INFINITY, undefined as unknown as number]) {
		expect(misuse(() => new Http1Server(settings, now))).toBe("ERR_TIME");
		expect(misuse(() => new WebSocketConnection({ role: "server" }, settings, now))).toBe("ERR_TIME");
		expect(misuse(() => connection.snapshot(now))).toBe("ERR_TIME");
		expect(misuse(() => WebSocketConnection.restore(snapshot, settings, now))).toBe("ERR_TIME");
	}
});
