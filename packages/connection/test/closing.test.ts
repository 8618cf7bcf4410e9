import { describe, expect, test } from "vitest";
import { openClient, openOwner, openServer } from "./owner.ts";
import { openPair } from "./pair.ts";
import { misuse } from "./usage.ts";
import { CLOSE, clientFrame, closePayload, concat, PING, serverFrame, TEXT, toHex } from "./wire.ts";

// RFC 6455 §5.5.1, §7.1: the closing handshake, over two connections.

const clean = (code: number, reason: string, by: string) => `closed ${code} "${reason}" clean by ${by} at closed: fine`;

describe("the closing handshake", () => {
	test("begun by the client", () => {
		const pair = openPair();
		pair.client.do((connection, now) => connection.close(1000, "done", now));
		expect(pair.client.connection.readyState).toBe("closing");
		pair.run();
		expect(pair.happened()).toEqual({
			server: ["close 1000 done", clean(1000, "done", "peer")],
			client: ["close 1000", clean(1000, "", "local")],
		});
	});

	test("begun by the server", () => {
		const pair = openPair();
		pair.server.do((connection, now) => connection.close(4321, "full", now));
		pair.run();
		expect(pair.happened()).toEqual({
			server: ["close 4321", clean(4321, "", "local")],
			client: ["close 4321 full", clean(4321, "full", "peer")],
		});
	});

	test("by both at once: each began it, and both end clean", () => {
		const pair = openPair();
		pair.client.do((connection, now) => connection.close(4001, undefined, now));
		pair.server.do((connection, now) => connection.close(4002, undefined, now));
		pair.run();
		expect(pair.happened()).toEqual({
			server: ["close 4001", clean(4001, "", "local")],
			client: ["close 4002", clean(4002, "", "local")],
		});
	});

	test("without a code: 1005, which never goes on the wire", () => {
		const pair = openPair();
		pair.client.do((connection, now) => connection.close(undefined, undefined, now));
		pair.run();
		expect(pair.happened()).toEqual({
			server: ["close 1005", clean(1005, "", "peer")],
			client: ["close 1005", clean(1005, "", "local")],
		});
	});

	test("messages under way arrive: one that has sent Close still listens", () => {
		const pair = openPair();
		pair.client.do((connection, now) => connection.close(1000, undefined, now));
		pair.server.do((connection) => connection.sendText("crossing"));
		pair.run();
		expect(pair.happened().client).toEqual(["text crossing", "close 1000", clean(1000, "", "local")]);
	});

	test("RFC 6455 §7.1.1: the server ends first, and goes on draining until the client ends", () => {
		const pair = openPair();
		pair.carries = false;
		pair.client.do((connection, now) => connection.close(1000, undefined, now));
		pair.run();
		pair.server.hear(clientFrame(CLOSE, closePayload(1000)));
		expect([pair.server.connection.streamAction, pair.client.connection.streamAction]).toEqual(["end", "open"]);
		pair.client.hear(serverFrame(CLOSE, closePayload(1000)));
		expect(pair.client.connection.streamAction).toBe("open");
		pair.client.hearEnd();
		expect(pair.client.connection.streamAction).toBe("end");
		expect(pair.server.happened()).toEqual(["close 1000"]);
		pair.server.hearEnd();
		expect(pair.server.happened()).toEqual([clean(1000, "", "peer")]);
	});
});

describe("RFC 6455 §7.4: every code", () => {
	const may = (code: number) =>
		Number.isInteger(code) &&
		((code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999));

	test("each that may be sent is sent, heard, echoed and told; the others are misuse", () => {
		for (let code = 990; code <= 1020; code++) exchange(code);
		for (const code of [0, 999, 1500, 2999, 3000, 3999, 4000, 4999, 5000, 65_535, 65_536, -1, 1000.5, Number.NaN]) {
			exchange(code);
		}
	});

	function exchange(code: number): void {
		const server = openServer();
		if (!may(code)) {
			expect(misuse(() => server.connection.close(code, undefined, 0))).toBe("ERR_INVALID_CLOSE_CODE");
			expect([server.connection.readyState, server.connection.bufferedAmount]).toEqual(["open", 0]);
			return;
		}
		const client = openClient();
		server.do((connection, now) => connection.close(code, undefined, now));
		const close = server.sent();
		expect(toHex(close)).toBe(toHex(serverFrame(CLOSE, closePayload(code))));
		client.hear(close);
		const echo = client.sent();
		expect(toHex(echo)).toBe(toHex(clientFrame(CLOSE, closePayload(code))));
		server.hear(echo);
		expect([server.happened(), client.happened()]).toEqual([[`close ${code}`], [`close ${code}`]]);
	}
});

test.each(["server", "client"] as const)(
	"%s: RFC 6455 §1.4: what comes behind the peer's Close is discarded",
	(role) => {
		const owner = openOwner(role);
		const frame = role === "server" ? clientFrame : serverFrame;
		owner.hear(concat([frame(CLOSE, closePayload(1000)), frame(TEXT, "late"), frame(PING)]));
		owner.hear(concat([frame(TEXT, "later"), Uint8Array.of(0xff, 0xff)]));
		expect(owner.happened()).toEqual(["close 1000"]);
		expect(owner.sent().length).toBe(role === "server" ? 4 : 8);
		expect(owner.connection.unread).toBe(0);
		expect(misuse(() => owner.connection.sendText("a"))).toBe("ERR_STATE");
	},
);

test("a reset before the Close frame has left: the closing handshake is not complete", () => {
	const { connection } = openServer();
	connection.receive(clientFrame(CLOSE), 0);
	connection.nextEvent();
	connection.receiveReset(0);
	expect(connection.nextEvent()).toMatchObject({ type: "closed", wasClean: false, stage: "closing", by: "peer" });
});
