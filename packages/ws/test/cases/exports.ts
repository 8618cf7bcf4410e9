import { Writable } from "node:stream";
import { expect, test } from "vitest";
import type { Kit } from "../kit.ts";

export function exportsCases({ WebSocket }: Kit): void {
	test("the class has itself as WebSocket", () => {
		expect([WebSocket.WebSocket === WebSocket, WebSocket.WebSocket.OPEN]).toEqual([true, 1]);
	});

	test("Server and WebSocketServer are one class", () => {
		expect(WebSocket.Server).toBe(WebSocket.WebSocketServer);
		expect(() => new WebSocket.Server({})).toThrow(TypeError);
	});

	test("the constructor's length is 3", () => {
		expect(WebSocket.length).toBe(3);
	});

	test("the states are numbers of the class", () => {
		const { CONNECTING, OPEN, CLOSING, CLOSED } = WebSocket;
		expect([CONNECTING, OPEN, CLOSING, CLOSED]).toEqual([0, 1, 2, 3]);
	});

	test("the states are numbers of each socket", () => {
		const { CONNECTING, OPEN, CLOSING, CLOSED } = WebSocket.prototype;
		expect([CONNECTING, OPEN, CLOSING, CLOSED]).toEqual([0, 1, 2, 3]);
	});

	test("the states can't be written", () => {
		expect(Object.getOwnPropertyDescriptor(WebSocket, "OPEN")).toEqual({
			configurable: false,
			enumerable: true,
			value: 1,
			writable: false,
		});
	});

	test("the properties of a socket are enumerable accessors of the prototype", () => {
		for (const name of ["binaryType", "bufferedAmount", "extensions", "isPaused", "protocol", "readyState", "url"])
			expect(Object.getOwnPropertyDescriptor(WebSocket.prototype, name)?.enumerable).toBe(true);
	});

	test("Sender and Receiver are classes", () => {
		expect(typeof WebSocket.Sender).toBe("function");
		expect(WebSocket.Receiver.prototype).toBeInstanceOf(Writable);
	});

	test("PerMessageDeflate knows its name", () => {
		expect(WebSocket.PerMessageDeflate.extensionName).toBe("permessage-deflate");
	});

	test("extension.parse reads parameters by name, each a list", () => {
		expect(WebSocket.extension.parse("a; b=1; c, a; b=2")).toMatchObject({
			a: [{ b: ["1"], c: [true] }, { b: ["2"] }],
		});
	});

	test("extension.parse reads quoted values", () => {
		expect(WebSocket.extension.parse('a; b="1"')).toMatchObject({ a: [{ b: ["1"] }] });
	});

	test("extension.parse throws a SyntaxError for what is no list", () => {
		expect(() => WebSocket.extension.parse("a; =")).toThrow(SyntaxError);
	});

	test("extension.format writes what parse reads", () => {
		expect(WebSocket.extension.format({ a: [{ b: true, c: ["1", "2"] }], d: {} })).toBe("a; b; c=1; c=2, d");
	});

	test("subprotocol.parse gives a Set in the order of the field", () => {
		expect([...WebSocket.subprotocol.parse("b, a")]).toEqual(["b", "a"]);
	});

	test("subprotocol.parse throws a SyntaxError for a name that comes twice", () => {
		expect(() => WebSocket.subprotocol.parse("a,a")).toThrow('The "a" subprotocol is duplicated');
	});

	test("subprotocol.parse throws a SyntaxError for what is no token", () => {
		expect(() => WebSocket.subprotocol.parse("a b")).toThrow(SyntaxError);
	});

	test("a socket is extensible", () => {
		const socket = new WebSocket(null as never, undefined, {});
		(socket as unknown as { upgradeReq: string }).upgradeReq = "mine";
		expect((socket as unknown as { upgradeReq: string }).upgradeReq).toBe("mine");
		expect([Object.isExtensible(socket), socket.readyState, socket.binaryType]).toEqual([true, 0, "nodebuffer"]);
	});

	test("a socket without an address is connecting", () => {
		expect(new WebSocket(null as never, undefined, {}).readyState).toBe(0);
	});
}
