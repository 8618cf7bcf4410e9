import type { Extension } from "@barewire/framing";
import { describe, expect, test } from "vitest";
import { MessageSender } from "../src/message-sender.ts";
import { misuse } from "./usage.ts";
import { bytesOf, concat, textOf, toHex, upper } from "./wire.ts";

const NO_LIMIT = Number.POSITIVE_INFINITY;

/** A server's. */
function newSender(extensions: readonly Extension[] = [], maxBufferedBytes = NO_LIMIT): MessageSender {
	return new MessageSender("server", extensions, null, maxBufferedBytes, { memory: 0 });
}

function taken(sender: MessageSender): Uint8Array {
	const pieces: Uint8Array[] = [];
	for (let piece = sender.next(0); piece !== null; piece = sender.next(0)) pieces.push(piece.slice());
	return concat(pieces);
}

test("raw bytes, then frames, whenever they are taken", () => {
	const sender = newSender();
	sender.raw(bytesOf("HTTP/1.1 101 \r\n\r\n"));
	sender.text("a", false);
	expect(sender.bufferedAmount).toBe(17 + 3);
	expect(textOf(taken(sender))).toBe("HTTP/1.1 101 \r\n\r\n\x81\x01a");
	sender.text("b", false);
	expect([textOf(taken(sender)), sender.bufferedAmount]).toEqual(["\x81\x01b", 0]);
});

describe("RFC 6455 §5.5.3: the answers to pings", () => {
	const BACKLOG = "x".repeat(64 * 1024);

	test("only the latest while much is waiting", () => {
		const sender = newSender();
		sender.text(BACKLOG, false);
		for (const payload of ["1", "2", "3"]) sender.pong(bytesOf(payload));
		expect(toHex(taken(sender)).slice(-6)).toBe("8a0133");
		sender.pong(bytesOf("4"));
		expect(toHex(taken(sender))).toBe("8a0134");
	});

	test("output that is sent meanwhile does not put it off", () => {
		const sender = newSender();
		sender.text(BACKLOG, false);
		sender.pong(bytesOf("1"));
		const pieces: Uint8Array[] = [];
		// However much is sent, more waits each time.
		for (let round = 0; round < 6; round++) {
			sender.text(BACKLOG, false);
			sender.pong(bytesOf("2"));
			const piece = sender.next(0);
			if (piece !== null) pieces.push(piece.slice());
		}
		const sent = toHex(concat([...pieces, taken(sender)]));
		expect(sent.indexOf("8a0132")).toBeGreaterThan(0);
		expect(sent.indexOf("8a0132")).toBeLessThan(sent.length - BACKLOG.length * 2);
		// One for each backlog that was taken, and not one for each ping.
		expect(sent.match(/8a013[12]/g)?.length).toBeLessThanOrEqual(3);
	});

	test("it is never dropped because too much waits, nor is the Close frame", () => {
		const sender = newSender([], BACKLOG.length);
		sender.bytes("binary", new Uint8Array(BACKLOG.length), false);
		expect(misuse(() => sender.bytes("binary", new Uint8Array(1), false))).toBe("ERR_BUFFER_FULL");
		for (let count = 0; count < 1_000_000; count++) sender.pong(bytesOf("1"));
		expect(sender.bufferedAmount).toBeLessThan(BACKLOG.length + 16);
		sender.close(1000, undefined, false);
		expect(toHex(taken(sender)).slice(-14)).toBe("8a0131880203e8");
	});

	test("in front of the Close frame, and none once the half is to end", () => {
		const sender = newSender();
		sender.text(BACKLOG, false);
		sender.pong(bytesOf("1"));
		sender.close(1000, undefined, false);
		expect(toHex(taken(sender)).slice(-14)).toBe("8a0131880203e8");
		const ending = newSender();
		ending.text(BACKLOG, false);
		ending.pong(bytesOf("1"));
		ending.end();
		expect(toHex(taken(ending)).slice(-2)).toBe("78");
	});
});

test("output that nobody takes any more is gone, counted, and no more may come", () => {
	const sender = newSender();
	sender.fragment("text", bytesOf("a"), false);
	sender.text("b", false);
	const { bufferedAmount } = sender;
	sender.cut();
	expect([sender.bufferedAmount, sender.next(0), sender.unsent]).toEqual([0, null, bufferedAmount]);
	expect(misuse(() => sender.text("b", false))).toBe("ERR_STATE");
	sender.cut();
	expect(sender.unsent).toBe(bufferedAmount);
});

test("unsent counts messages, not the control frames behind them", () => {
	const sender = newSender();
	sender.text("a", false);
	sender.ping(bytesOf("p"));
	sender.close(1000, undefined, false);
	expect([sender.bufferedAmount, sender.unsent]).toEqual([3 + 3 + 4, 3]);
	taken(sender);
	expect(sender.unsent).toBe(0);
});

test("messages that wait are transformed when their turn comes, the plain ones never", () => {
	const sender = newSender([upper()]);
	sender.fragment("text", bytesOf("a"), false);
	sender.text("b", false);
	sender.text("c", true);
	sender.begin("binary", true);
	sender.bytes("binary", bytesOf("e"), false);
	sender.fragment("text", bytesOf("z"), true);
	sender.fragment("binary", bytesOf("d"), true);
	expect(textOf(taken(sender))).toBe("\x41\x01A\x80\x01Z\xc1\x01B\x81\x01c\x82\x01d\xc2\x01E");
});
