import { expect, test } from "vitest";
import { SocketClosedError } from "../src/errors.ts";
import { PendingPings } from "../src/pending-pings.ts";

test("RFC 6455 §5.5.3: a pong answers its ping and the earlier ones", async () => {
	const pings = new PendingPings();
	const one = pings.add(10);
	const two = pings.add(20);
	const three = pings.add(30);
	pings.answered(two.payload, 50);
	expect([await one.roundTrip, await two.roundTrip]).toEqual([40, 30]);
	pings.answered(three.payload, 60);
	expect(await three.roundTrip).toBe(30);
});

test("pongs that nobody asked for are nobody's", async () => {
	const pings = new PendingPings();
	const one = pings.add(0);
	pings.answered(new Uint8Array(0), 1);
	pings.answered(new Uint8Array(5), 1);
	pings.answered(new Uint8Array(4), 1);
	pings.answered(one.payload, 9);
	expect(await one.roundTrip).toBe(9);
	pings.answered(one.payload, 10);
});

test("the end rejects all that wait", async () => {
	const pings = new PendingPings();
	const { roundTrip } = pings.add(0);
	pings.end(new SocketClosedError());
	await expect(roundTrip).rejects.toMatchObject({ name: "SocketClosedError", code: "ERR_SOCKET_CLOSED" });
});
