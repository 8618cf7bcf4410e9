import { expect, test } from "vitest";
import type { ServerOptions } from "ws";
import { closed, type Kit, masked, next } from "../kit.ts";

interface Outcome {
	readonly code: unknown;
	readonly name: string;
	readonly message: string;
	/** The code of the Close frame that the peer is sent. */
	readonly sent: number;
	readonly end: [number, string];
}

/** What is told, and sent, when a client sends these bytes. */
async function broken(kit: Kit, bytes: Buffer, options: ServerOptions = {}, fields = {}): Promise<Outcome> {
	const { raw, peer } = await kit.rawClient(options, fields);
	const failed = next(peer, "error");
	const end = closed(peer);
	raw.socket.write(bytes);
	const [error] = (await failed) as [Error & { code?: unknown }];
	const all = Buffer.from(await raw.ended(), "latin1");
	return {
		code: error.code,
		name: error.constructor.name,
		message: error.message,
		sent: all[0] === 0x88 ? all.readUInt16BE(2) : 0,
		end: await end,
	};
}

const ENDED: [number, string] = [1006, ""];

export function ruleCases(kit: Kit): void {
	test("a frame without a mask", async () => {
		expect(await broken(kit, Buffer.from([0x81, 0x01, 0x61]))).toEqual({
			code: "WS_ERR_EXPECTED_MASK",
			name: "RangeError",
			message: "Invalid WebSocket frame: MASK must be set",
			sent: 1002,
			end: ENDED,
		});
	});

	test("a reserved bit", async () => {
		const { code, name, sent, end } = await broken(kit, masked(0xc1, "a"));
		expect([code, name, sent, end]).toEqual(["WS_ERR_UNEXPECTED_RSV_1", "RangeError", 1002, ENDED]);
	});

	test("a reserved opcode of data", async () => {
		const { code, name, sent, end } = await broken(kit, masked(0x83, "a"));
		expect([code, name, sent, end]).toEqual(["WS_ERR_INVALID_OPCODE", "RangeError", 1002, ENDED]);
	});

	test("a reserved opcode of control", async () => {
		const { code, name, sent, end } = await broken(kit, masked(0x8b, "a"));
		expect([code, name, sent, end]).toEqual(["WS_ERR_INVALID_OPCODE", "RangeError", 1002, ENDED]);
	});

	test("a continuation of nothing", async () => {
		const { code, message, sent } = await broken(kit, masked(0x80, "a"));
		expect([code, message.startsWith("Invalid WebSocket frame: invalid opcode"), sent]).toEqual([
			"WS_ERR_INVALID_OPCODE",
			true,
			1002,
		]);
	});

	test("a message within a message", async () => {
		const { code, sent } = await broken(kit, Buffer.concat([masked(0x01, "a"), masked(0x81, "b")]));
		expect([code, sent]).toEqual(["WS_ERR_INVALID_OPCODE", 1002]);
	});

	test("a fragmented ping", async () => {
		expect(await broken(kit, masked(0x09, "a"))).toEqual({
			code: "WS_ERR_EXPECTED_FIN",
			name: "RangeError",
			message: "Invalid WebSocket frame: FIN must be set",
			sent: 1002,
			end: ENDED,
		});
	});

	test("a ping of 126 bytes", async () => {
		const { code, sent } = await broken(kit, masked(0x89, Buffer.alloc(126)));
		expect([code, sent]).toEqual(["WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH", 1002]);
	});

	test("a Close of one byte", async () => {
		const { code, sent } = await broken(kit, masked(0x88, "a"));
		expect([code, sent]).toEqual(["WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH", 1002]);
	});

	test("a Close with a code that must not be sent", async () => {
		const { code, sent } = await broken(kit, masked(0x88, Buffer.from([0x03, 0xee])));
		expect([code, sent]).toEqual(["WS_ERR_INVALID_CLOSE_CODE", 1002]);
	});

	test("a Close with a reason that is no UTF-8", async () => {
		const { code, message, sent } = await broken(kit, masked(0x88, Buffer.from([0x03, 0xe8, 0xff])));
		expect([code, message, sent]).toEqual([
			"WS_ERR_INVALID_UTF8",
			"Invalid WebSocket frame: invalid UTF-8 sequence",
			1007,
		]);
	});

	test("a text that is no UTF-8", async () => {
		expect(await broken(kit, masked(0x81, Buffer.from([0xff])))).toEqual({
			code: "WS_ERR_INVALID_UTF8",
			name: "Error",
			message: "Invalid WebSocket frame: invalid UTF-8 sequence",
			sent: 1007,
			end: ENDED,
		});
	});

	test("a fragmented text that is no UTF-8", async () => {
		const bytes = Buffer.concat([masked(0x01, Buffer.from([0xc3])), masked(0x80, "a")]);
		const { code, sent } = await broken(kit, bytes);
		expect([code, sent]).toEqual(["WS_ERR_INVALID_UTF8", 1007]);
	});

	test("skipUTF8Validation takes such a text", async () => {
		const { raw, peer } = await kit.rawClient({ skipUTF8Validation: true });
		raw.socket.write(masked(0x81, Buffer.from([0xff])));
		const [data, isBinary] = await next(peer, "message");
		expect([data, isBinary]).toEqual([Buffer.from([0xff]), false]);
	});

	test("skipUTF8Validation takes such a fragmented text", async () => {
		const { raw, peer } = await kit.rawClient({ skipUTF8Validation: true });
		raw.socket.write(Buffer.concat([masked(0x01, Buffer.from([0xff])), masked(0x80, Buffer.from([0xfe]))]));
		expect((await next(peer, "message"))[0]).toEqual(Buffer.from([0xff, 0xfe]));
	});

	test("a message above maxPayload", async () => {
		expect(await broken(kit, masked(0x82, Buffer.alloc(6)), { maxPayload: 5 })).toEqual({
			code: "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH",
			name: "RangeError",
			message: "Max payload size exceeded",
			sent: 1009,
			end: ENDED,
		});
	});

	test("a fragmented message above maxPayload", async () => {
		const bytes = Buffer.concat([masked(0x02, Buffer.alloc(3)), masked(0x80, Buffer.alloc(3))]);
		const { code, sent } = await broken(kit, bytes, { maxPayload: 5 });
		expect([code, sent]).toEqual(["WS_ERR_UNSUPPORTED_MESSAGE_LENGTH", 1009]);
	});

	test("a message of exactly maxPayload is taken", async () => {
		const { raw, peer } = await kit.rawClient({ maxPayload: 5 });
		raw.socket.write(masked(0x82, Buffer.alloc(5)));
		expect((await next(peer, "message"))[0]).toEqual(Buffer.alloc(5));
	});

	test("maxPayload counts each message by itself", async () => {
		const { raw, peer } = await kit.rawClient({ maxPayload: 5 });
		const second = new Promise((resolve) => {
			let count = 0;
			peer.on("message", () => ++count === 2 && resolve(count));
		});
		raw.socket.write(Buffer.concat([masked(0x82, Buffer.alloc(4)), masked(0x82, Buffer.alloc(4))]));
		expect(await second).toBe(2);
	});

	test("a message of more than maxFragments frames", async () => {
		const bytes = Buffer.concat([masked(0x01, "a"), masked(0x00, "b"), masked(0x80, "c")]);
		expect(await broken(kit, bytes, { maxFragments: 2 } as object)).toMatchObject({
			code: "WS_ERR_TOO_MANY_BUFFERED_PARTS",
			name: "RangeError",
			sent: 1008,
			end: ENDED,
		});
	});

	test("messages before the violation are given", async () => {
		const { raw, peer } = await kit.rawClient();
		const order: string[] = [];
		peer.on("message", (data) => order.push(String(data)));
		peer.on("error", () => order.push("error"));
		peer.on("close", () => order.push("close"));
		raw.socket.write(Buffer.concat([masked(0x81, "a"), masked(0x83, "b"), masked(0x81, "c")]));
		await closed(peer);
		expect(order).toEqual(["a", "error", "close"]);
	});

	test("the socket is CLOSING when the error is told", async () => {
		const { raw, peer } = await kit.rawClient();
		const state = new Promise((resolve) => peer.on("error", () => resolve(peer.readyState)));
		raw.socket.write(masked(0x83, "b"));
		expect(await state).toBe(2);
	});

	test("a masked frame of a server", async () => {
		const { client, peer } = await kit.pair();
		const failed = next(client, "error");
		(peer as unknown as { _socket: { write(bytes: Buffer): void } })._socket.write(masked(0x81, "a"));
		const [error] = (await failed) as [Error & { code: string }];
		expect([error.code, error.message]).toEqual([
			"WS_ERR_UNEXPECTED_MASK",
			"Invalid WebSocket frame: MASK must be clear",
		]);
	});

	test("a length above 2^63 fails with 1009", async () => {
		const bytes = Buffer.from([0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
		const { name } = await broken(kit, bytes);
		expect(name).toBe("RangeError");
	});

	test("a message that is announced too large fails before it has come", async () => {
		const bytes = Buffer.from([0x82, 0xfe, 0xff, 0xff, 0, 0, 0, 0]);
		const { code, sent } = await broken(kit, bytes, { maxPayload: 1000 });
		expect([code, sent]).toEqual(["WS_ERR_UNSUPPORTED_MESSAGE_LENGTH", 1009]);
	});
}
