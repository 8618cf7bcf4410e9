import { describe, expect, test } from "vitest";
import { Broadcast, type BroadcastConnection } from "../src/broadcast.ts";

/** A connection that frames a message as its class's name and the message, and counts how often it does. */
class Framing implements BroadcastConnection {
	made = 0;
	readonly asked: [kind: string, size: number][] = [];
	private readonly name: string | null;

	constructor(name: string | null) {
		this.name = name;
	}

	preparedFor(kind: "text" | "binary", size: number): string | null {
		this.asked.push([kind, size]);
		return this.name;
	}

	prepare(payload: Uint8Array, isText: boolean): Uint8Array {
		this.made++;
		return new TextEncoder().encode(`${this.name}:${isText}:${text(payload)}`);
	}
}

const text = (frame: Uint8Array | null): string | null => frame && new TextDecoder().decode(frame);

describe("a message for many", () => {
	test("is prepared once for each class of connections", () => {
		const broadcast = new Broadcast("news", false);
		const connections = [new Framing("a"), new Framing("b"), new Framing("a"), new Framing("b")];
		expect(connections.map((each) => text(broadcast.frameFor(each)))).toEqual([
			"a:true:news",
			"b:true:news",
			"a:true:news",
			"b:true:news",
		]);
		expect(connections.map(({ made }) => made)).toEqual([1, 1, 0, 0]);
	});

	test("a connection that frames it by itself gets a copy: the sender may change the message at once", () => {
		const message = Uint8Array.of(1, 2);
		const broadcast = new Broadcast(message, false);
		const own = broadcast.own();
		message.fill(9);
		expect([own, broadcast.own() === own]).toEqual([Uint8Array.of(1, 2), true]);
	});

	test("can't be prepared for a connection without a class", () => {
		const connection = new Framing(null);
		expect(new Broadcast("news", false).frameFor(connection)).toBe(null);
		expect(connection.made).toBe(0);
	});

	test("is plain for everybody when it is to be", () => {
		const connection = new Framing(null);
		const broadcast = new Broadcast(Uint8Array.of(1, 2), true);
		expect(broadcast.frameFor(connection)).toEqual(Uint8Array.of(0x82, 2, 1, 2));
		expect(connection.asked).toEqual([]);
	});

	test("a class is asked for by kind and size in bytes", () => {
		const connection = new Framing("a");
		new Broadcast("grüße", false).frameFor(connection);
		new Broadcast(new Uint8Array(9), false).frameFor(connection);
		expect(connection.asked).toEqual([
			["text", 7],
			["binary", 9],
		]);
	});
});
