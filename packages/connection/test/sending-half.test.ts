import type { Extension } from "@barewire/framing";
import { describe, expect, test } from "vitest";
import { SendingHalf } from "../src/sending-half.ts";
import { misuse } from "./usage.ts";
import { bytesOf, concat, textOf, toHex, upper } from "./wire.ts";

/** A server's sending half, by itself. */
class Bare extends SendingHalf {
	constructor() {
		super("server");
	}

	http(text: string): void {
		this.write(bytesOf(text));
	}

	switch(extensions: readonly Extension[] = []): void {
		this.life.send("switch");
		this.sendFrames(extensions, null);
	}

	pinged(payload: string): void {
		this.answerPing(bytesOf(payload));
	}

	closing(code: number): void {
		this.writeClose(code);
		this.life.send("close");
	}

	forget(): void {
		this.forgetPong();
	}

	drop(): void {
		this.dropOutput();
	}

	taken(): Uint8Array {
		const pieces: Uint8Array[] = [];
		for (let piece = this.nextOutput(); piece !== null; piece = this.nextOutput()) pieces.push(piece.slice());
		return concat(pieces);
	}
}

test("HTTP bytes, then frames, whenever they are taken", () => {
	const half = new Bare();
	half.http("HTTP/1.1 101 \r\n\r\n");
	half.switch();
	half.sendText("a");
	expect(half.bufferedAmount).toBe(17 + 3);
	expect(textOf(half.taken())).toBe("HTTP/1.1 101 \r\n\r\n\x81\x01a");
	half.sendText("b");
	expect([textOf(half.taken()), half.bufferedAmount]).toEqual(["\x81\x01b", 0]);
});

test("frames before the switch and HTTP behind it are misuse", () => {
	const half = new Bare();
	expect(misuse(() => half.sendText("a"))).toBe("ERR_STATE");
	half.switch();
	expect(misuse(() => half.http("a"))).toBe("ERR_STATE");
	expect(toHex(half.taken())).toBe("");
});

describe("RFC 6455 §5.5.3: the answers to pings", () => {
	const BACKLOG = "x".repeat(64 * 1024);

	test("only the latest while much is waiting", () => {
		const half = new Bare();
		half.switch();
		half.sendText(BACKLOG);
		for (const payload of ["1", "2", "3"]) half.pinged(payload);
		expect(toHex(half.taken()).slice(-6)).toBe("8a0133");
		half.pinged("4");
		expect(toHex(half.taken())).toBe("8a0134");
	});

	test("in front of the Close frame, and none once the half is to end", () => {
		const half = new Bare();
		half.switch();
		half.sendText(BACKLOG);
		half.pinged("1");
		half.closing(1000);
		expect(toHex(half.taken()).slice(-14)).toBe("8a0131880203e8");
		const ending = new Bare();
		ending.switch();
		ending.sendText(BACKLOG);
		ending.pinged("1");
		ending.forget();
		expect(toHex(ending.taken()).slice(-2)).toBe("78");
	});
});

test("output that nobody takes any more is gone, and no more may come", () => {
	const half = new Bare();
	half.switch();
	half.sendText("a");
	half.drop();
	expect([half.bufferedAmount, half.nextOutput()]).toEqual([0, null]);
	expect(misuse(() => half.sendText("b"))).toBe("ERR_STATE");
});

test("a message for many passes the extensions once, and is sent as it is", () => {
	const half = new Bare();
	half.switch([upper()]);
	expect(half.preparedFor("text", 1)).toBe("x-upper always;");
	half.sendPrepared(half.prepare("a"));
	expect(textOf(half.taken())).toBe("\xc1\x01A");
});
