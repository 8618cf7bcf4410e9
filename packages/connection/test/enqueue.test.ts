import { encodeMessage } from "@barewire/framing";
import { describe, expect, test } from "vitest";
import type { ConnectionOptions, WebSocketConnection } from "../src/index.ts";
import { newClock, openOwner, openServer } from "./owner.ts";
import { misuse } from "./usage.ts";
import { bytesOf, CLOSE, clientFrame, closePayload, PING, textOf, upper } from "./wire.ts";

// Messages that wait for a slow peer and are framed when they leave.

function newConnection(options?: ConnectionOptions): WebSocketConnection {
	return openServer(options).connection;
}

function all(connection: WebSocketConnection): string {
	let text = "";
	for (let piece = connection.nextOutput(); piece !== null; piece = connection.nextOutput()) text += textOf(piece);
	return text;
}

/** The value of a key. */
function value(connection: WebSocketConnection, key: string, text: string): boolean {
	return connection.enqueue("prepared", encodeMessage(text), { key });
}

test("the newest value of a key replaces the older one, and comes behind all that was sent before it", () => {
	const connection = newConnection();
	expect([value(connection, "a", "1"), value(connection, "b", "2"), value(connection, "a", "3")]).toEqual([
		false,
		false,
		true,
	]);
	expect(all(connection)).toBe("\x81\x012\x81\x013");
});

test("they leave one at a time: what nobody has asked for can still be replaced, what has left can't", () => {
	const connection = newConnection();
	value(connection, "a", "1");
	value(connection, "b", "2");
	expect(textOf(connection.nextOutput()!)).toBe("\x81\x011");
	expect([value(connection, "a", "3"), value(connection, "b", "4")]).toEqual([false, true]);
	expect(all(connection)).toBe("\x81\x013\x81\x014");
});

test("a frame of which the first part has left is not replaced", () => {
	const connection = newConnection();
	const large = new Uint8Array(10_000);
	connection.enqueue("binary", large, { key: "a" });
	expect(connection.nextOutput()?.length).toBe(4);
	expect(connection.enqueue("binary", bytesOf("2"), { key: "a" })).toBe(false);
	expect(connection.nextOutput()).toBe(large);
	expect(all(connection)).toBe("\x82\x012");
});

test("nothing overtakes what waits: texts, arrays, frames, messages in fragments", () => {
	const connection = newConnection();
	connection.enqueue("text", bytesOf("1"));
	connection.sendText("2");
	connection.sendBinary(bytesOf("3"));
	connection.sendPrepared(encodeMessage("4"));
	expect(connection.isHolding).toBe(true);
	connection.beginMessage("text");
	value(connection, "a", "6");
	connection.sendFragment("text", bytesOf("5"), true);
	value(connection, "a", "7");
	connection.sendFragment("binary", bytesOf("8"), true);
	expect(all(connection)).toBe("\x81\x011\x81\x012\x82\x013\x81\x014\x81\x015\x81\x017\x82\x018");
	expect([connection.isHolding, connection.bufferedAmount]).toEqual([false, 0]);
});

test("behind a message in fragments, and between two of them, a value can be replaced until it leaves", () => {
	const connection = newConnection();
	connection.beginMessage("text");
	value(connection, "a", "1");
	connection.beginMessage("binary");
	value(connection, "a", "2");
	connection.sendFragment("text", bytesOf("x"), true);
	expect([connection.isSending, connection.isHolding]).toEqual([true, true]);
	connection.sendFragment("binary", bytesOf("y"), true);
	value(connection, "a", "3");
	expect(all(connection)).toBe("\x81\x01x\x82\x01y\x81\x013");
});

test("pings and pongs do not wait", () => {
	const owner = openServer();
	const { connection } = owner;
	value(connection, "a", "1");
	connection.sendPing(bytesOf("p"));
	connection.receive(clientFrame(PING, "q"), 0);
	connection.nextEvent();
	expect(all(connection)).toBe("\x89\x01p\x8a\x01q\x81\x011");
});

test("an extension transforms them when they leave, but for the plain ones and prepared frames", () => {
	const { connection } = openOwner("server", {}, newClock(), { extensions: [upper()] });
	connection.enqueue("prepared", connection.prepare("a"));
	expect(connection.preparedFor("text", 1)).toBe("x-upper always;");
	connection.enqueue("text", bytesOf("b"), { plain: true });
	connection.enqueue("text", bytesOf("c"), { key: "k" });
	// What it would make for all now is not right behind what it is yet to transform.
	expect(connection.preparedFor("text", 1)).toBe(null);
	expect(all(connection)).toBe("\xc1\x01A\x81\x01b\xc1\x01C");
	expect(connection.preparedFor("text", 1)).toBe("x-upper always;");
});

test("bufferedAmount and maxBufferedBytes count them, and not the one that is replaced", () => {
	const connection = newConnection({ maxBufferedBytes: 200 });
	connection.enqueue("text", bytesOf("x".repeat(100)), { key: "a" });
	expect(connection.bufferedAmount).toBe(164);
	expect(misuse(() => connection.enqueue("text", bytesOf("y")))).toBe("ERR_BUFFER_FULL");
	expect(misuse(() => connection.enqueue("text", bytesOf("y".repeat(137)), { key: "a" }))).toBe("ERR_BUFFER_FULL");
	expect(connection.enqueue("text", bytesOf("y".repeat(136)), { key: "a" })).toBe(true);
	expect(connection.bufferedAmount).toBe(200);
	expect(all(connection)).toHaveLength(140);
	expect(connection.bufferedAmount).toBe(0);
});

test("what can't be sent throws, and nothing waits", () => {
	const connection = newConnection();
	expect(misuse(() => connection.enqueue("ping" as never, bytesOf("a")))).toBe("ERR_MESSAGE_KIND");
	expect(misuse(() => connection.enqueue("text", "a" as never))).toBe("ERR_INVALID_PAYLOAD");
	const { connection: client } = openOwner("client");
	expect(misuse(() => client.enqueue("prepared", encodeMessage("a")))).toBe("ERR_PREPARED_NOT_ALLOWED");
	expect([connection.isHolding, client.isHolding]).toEqual([false, false]);
	connection.close(1000, "", 0);
	expect(misuse(() => connection.enqueue("text", bytesOf("a")))).toBe("ERR_STATE");
});

describe("the end", () => {
	test.each<[string, (connection: WebSocketConnection) => void, string]>([
		["close()", (connection) => connection.close(1000, "", 0), "\x88\x02\x03\xe8"],
		["closeAtOnce()", (connection) => connection.closeAtOnce(1011, "", 0), "\x88\x02\x03\xf3"],
		[
			"the peer's Close",
			(connection) => {
				connection.receive(clientFrame(CLOSE, closePayload(1000)), 0);
				connection.nextEvent();
			},
			"\x88\x02\x03\xe8",
		],
		[
			"the peer's end",
			(connection) => {
				connection.receiveEnd(0);
				connection.nextEvent();
			},
			"",
		],
	])("%s comes behind all that was sent", (_name, end, frame) => {
		const connection = newConnection();
		value(connection, "a", "1");
		connection.sendText("2");
		end(connection);
		expect(all(connection)).toBe(`\x81\x011\x81\x012${frame}`);
	});

	test("of a peer that is too slow it drops what is not framed, and counts it", () => {
		const owner = openServer();
		const { connection } = owner;
		connection.sendText("1");
		value(connection, "a", "2");
		connection.closeAtOnce(1013, "", 0, true);
		expect(all(connection)).toBe("\x81\x011\x88\x02\x03\xf5");
		connection.receiveReset(0);
		expect(connection.nextEvent()).toMatchObject({ type: "closed", unsent: 3 + 64 });
	});

	test("cut off, what waited is unsent", () => {
		const connection = newConnection();
		value(connection, "a", "2");
		connection.terminate(0);
		expect([connection.bufferedAmount, connection.nextEvent()]).toMatchObject([0, { type: "closed", unsent: 67 }]);
	});

	test("a payload that was transferred meanwhile is told of in its turn, and no Close frame goes past it", () => {
		const connection = newConnection();
		const bytes = bytesOf("2");
		value(connection, "a", "1");
		connection.sendBinary(bytes);
		structuredClone(bytes, { transfer: [bytes.buffer] });
		connection.close(1000, "", 0);
		expect(textOf(connection.nextOutput()!)).toBe("\x81\x011");
		expect(misuse(() => connection.nextOutput())).toBe("ERR_TRANSFERRED");
		expect(connection.nextOutput()).toBe(null);
	});
});
