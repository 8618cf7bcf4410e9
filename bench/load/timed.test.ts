import { expect, test } from "vitest";
import { TimedExchange } from "./timed.ts";
import { echo, withWsServer } from "./ws-server.ts";

test("a message's way is timed, once in each run at least", async () => {
	await withWsServer(echo, async (port) => {
		const traffic = { kind: "text", size: 20, inFlight: 1, compression: false } as const;
		const exchange = await TimedExchange.open(port, traffic);
		expect(exchange.latency).toBeNull();
		expect(await exchange.run({ milliseconds: 0 })).toBe(1);
		expect(exchange.latency!.p50).toBeGreaterThan(0);
		expect(exchange.latency!.p99).toBeGreaterThanOrEqual(exchange.latency!.p50);
		exchange.reset();
	});
});
