import { constants, deflateRawSync } from "node:zlib";
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

/** The request's field that offers compression. */
const DEFLATE = { "Sec-WebSocket-Extensions": "permessage-deflate" };

/** What comes of a rule that a frame has broken. */
function frameError(code: string, text: string): Outcome {
	return { code, name: "RangeError", message: `Invalid WebSocket frame: ${text}`, sent: 1002, end: ENDED };
}

function closeFrame(code: number): Buffer {
	return masked(0x88, Buffer.from([code >> 8, code & 0xff]));
}

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

	test("RSV1 without an extension", async () => {
		expect(await broken(kit, masked(0xc1, "a"))).toEqual(frameError("WS_ERR_UNEXPECTED_RSV_1", "RSV1 must be clear"));
	});

	test("RSV2", async () => {
		expect(await broken(kit, masked(0xa1, "a"))).toEqual(
			frameError("WS_ERR_UNEXPECTED_RSV_2_3", "RSV2 and RSV3 must be clear"),
		);
	});

	test("RSV3", async () => {
		expect(await broken(kit, masked(0x91, "a"))).toEqual(
			frameError("WS_ERR_UNEXPECTED_RSV_2_3", "RSV2 and RSV3 must be clear"),
		);
	});

	test("all three reserved bits", async () => {
		expect(await broken(kit, masked(0xf2, "a"))).toEqual(
			frameError("WS_ERR_UNEXPECTED_RSV_2_3", "RSV2 and RSV3 must be clear"),
		);
	});

	test("RSV2 with compression", async () => {
		expect(await broken(kit, masked(0xe1, "a"), { perMessageDeflate: true }, DEFLATE)).toEqual(
			frameError("WS_ERR_UNEXPECTED_RSV_2_3", "RSV2 and RSV3 must be clear"),
		);
	});

	test("RSV1 of a ping with compression", async () => {
		expect(await broken(kit, masked(0xc9, "a"), { perMessageDeflate: true }, DEFLATE)).toEqual(
			frameError("WS_ERR_UNEXPECTED_RSV_1", "RSV1 must be clear"),
		);
	});

	test("RSV1 of a later fragment with compression", async () => {
		const bytes = Buffer.concat([masked(0x01, "a"), masked(0xc0, "b")]);
		expect(await broken(kit, bytes, { perMessageDeflate: true }, DEFLATE)).toEqual(
			frameError("WS_ERR_UNEXPECTED_RSV_1", "RSV1 must be clear"),
		);
	});

	test("a reserved opcode of data", async () => {
		expect(await broken(kit, masked(0x83, "a"))).toEqual(frameError("WS_ERR_INVALID_OPCODE", "invalid opcode 3"));
	});

	test("the last reserved opcode of data", async () => {
		expect(await broken(kit, masked(0x87, "a"))).toEqual(frameError("WS_ERR_INVALID_OPCODE", "invalid opcode 7"));
	});

	test("a reserved opcode of control", async () => {
		expect(await broken(kit, masked(0x8b, "a"))).toEqual(frameError("WS_ERR_INVALID_OPCODE", "invalid opcode 11"));
	});

	test("the last reserved opcode of control", async () => {
		expect(await broken(kit, masked(0x8f, "a"))).toEqual(frameError("WS_ERR_INVALID_OPCODE", "invalid opcode 15"));
	});

	test("a continuation of nothing", async () => {
		expect(await broken(kit, masked(0x80, "a"))).toEqual(frameError("WS_ERR_INVALID_OPCODE", "invalid opcode 0"));
	});

	test("a continuation behind a whole message", async () => {
		const bytes = Buffer.concat([masked(0x81, "a"), masked(0x80, "b")]);
		expect(await broken(kit, bytes)).toEqual(frameError("WS_ERR_INVALID_OPCODE", "invalid opcode 0"));
	});

	test("a text within a message", async () => {
		const bytes = Buffer.concat([masked(0x01, "a"), masked(0x81, "b")]);
		expect(await broken(kit, bytes)).toEqual(frameError("WS_ERR_INVALID_OPCODE", "invalid opcode 1"));
	});

	test("a binary message within a message", async () => {
		const bytes = Buffer.concat([masked(0x01, "a"), masked(0x82, "b")]);
		expect(await broken(kit, bytes)).toEqual(frameError("WS_ERR_INVALID_OPCODE", "invalid opcode 2"));
	});

	test("a fragmented ping", async () => {
		expect(await broken(kit, masked(0x09, "a"))).toEqual(frameError("WS_ERR_EXPECTED_FIN", "FIN must be set"));
	});

	test("a fragmented Close", async () => {
		expect(await broken(kit, masked(0x08))).toEqual(frameError("WS_ERR_EXPECTED_FIN", "FIN must be set"));
	});

	test("a ping of 126 bytes", async () => {
		expect(await broken(kit, masked(0x89, Buffer.alloc(126)))).toEqual(
			frameError("WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH", "invalid payload length 126"),
		);
	});

	test("a pong with a length of 64 bits", async () => {
		const bytes = Buffer.from([0x8a, 0xff, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
		expect(await broken(kit, bytes)).toEqual(
			frameError("WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH", "invalid payload length 127"),
		);
	});

	test("a Close of one byte", async () => {
		expect(await broken(kit, masked(0x88, "a"))).toEqual(
			frameError("WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH", "invalid payload length 1"),
		);
	});

	test("a Close with 1006, which must not be sent", async () => {
		expect(await broken(kit, closeFrame(1006))).toEqual(
			frameError("WS_ERR_INVALID_CLOSE_CODE", "invalid status code 1006"),
		);
	});

	test("a Close with 1004, which is reserved", async () => {
		expect(await broken(kit, closeFrame(1004))).toEqual(
			frameError("WS_ERR_INVALID_CLOSE_CODE", "invalid status code 1004"),
		);
	});

	test("a Close with 1015, which is of TLS", async () => {
		expect(await broken(kit, closeFrame(1015))).toEqual(
			frameError("WS_ERR_INVALID_CLOSE_CODE", "invalid status code 1015"),
		);
	});

	test("a Close with a code below all", async () => {
		expect(await broken(kit, closeFrame(999))).toEqual(
			frameError("WS_ERR_INVALID_CLOSE_CODE", "invalid status code 999"),
		);
	});

	test("a Close with a code that nobody has registered", async () => {
		expect(await broken(kit, closeFrame(2999))).toEqual(
			frameError("WS_ERR_INVALID_CLOSE_CODE", "invalid status code 2999"),
		);
	});

	test("a Close with a code above all", async () => {
		expect(await broken(kit, closeFrame(5000))).toEqual(
			frameError("WS_ERR_INVALID_CLOSE_CODE", "invalid status code 5000"),
		);
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
		expect(await broken(kit, bytes, { maxFragments: 2 } as object)).toEqual({
			code: "WS_ERR_TOO_MANY_BUFFERED_PARTS",
			name: "RangeError",
			message: "Too many message fragments",
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

	test("a length of 2^53", async () => {
		const bytes = Buffer.from([0x82, 0xff, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
		expect(await broken(kit, bytes)).toEqual({
			code: "WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH",
			name: "RangeError",
			message: "Unsupported WebSocket frame: payload length > 2^53 - 1",
			sent: 1009,
			end: ENDED,
		});
	});

	test("a length of 2^63", async () => {
		const bytes = Buffer.from([0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
		const { code, name, message } = await broken(kit, bytes);
		expect([code, name, message]).toEqual([
			"WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH",
			"RangeError",
			"Unsupported WebSocket frame: payload length > 2^53 - 1",
		]);
	});

	test("compressed bytes that are none", async () => {
		const bytes = masked(0xc2, Buffer.from([0xff, 0xff, 0xff]));
		const failed = broken(kit, bytes, { perMessageDeflate: true }, DEFLATE);
		expect(await failed).toMatchObject({ code: "Z_DATA_ERROR", name: "Error", sent: 1007, end: ENDED });
	});

	test("compressed bytes that are none have the number of zlib", async () => {
		const { raw, peer } = await kit.rawClient({ perMessageDeflate: true }, DEFLATE);
		const failed = next(peer, "error");
		raw.socket.write(masked(0xc2, Buffer.from([0xff, 0xff, 0xff])));
		expect(await failed).toMatchObject([{ code: "Z_DATA_ERROR", errno: -3 }]);
	});

	test("a compressed text that is no UTF-8", async () => {
		const bytes = masked(
			0xc1,
			deflateRawSync(Buffer.from([0xff]), { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4),
		);
		expect(await broken(kit, bytes, { perMessageDeflate: true }, DEFLATE)).toMatchObject({
			code: "WS_ERR_INVALID_UTF8",
			name: "Error",
			message: "Invalid WebSocket frame: invalid UTF-8 sequence",
			sent: 1007,
		});
	});

	test("a compressed message above maxPayload", async () => {
		const bytes = masked(
			0xc2,
			deflateRawSync(Buffer.alloc(1000), { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4),
		);
		expect(await broken(kit, bytes, { perMessageDeflate: true, maxPayload: 999 }, DEFLATE)).toEqual({
			code: "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH",
			name: "RangeError",
			message: "Max payload size exceeded",
			sent: 1009,
			end: ENDED,
		});
	});

	test("a client tells of a reserved opcode of its server", async () => {
		const { client, peer } = await kit.pair();
		const failed = next(client, "error");
		const end = closed(peer);
		(peer as unknown as { _socket: { write(bytes: Buffer): void } })._socket.write(Buffer.from([0x85, 0x00]));
		expect(await failed).toMatchObject([
			{ code: "WS_ERR_INVALID_OPCODE", message: "Invalid WebSocket frame: invalid opcode 5" },
		]);
		expect((await end)[0]).toBe(1002);
	});

	test("a message that is announced too large fails before it has come", async () => {
		const bytes = Buffer.from([0x82, 0xfe, 0xff, 0xff, 0, 0, 0, 0]);
		const { code, sent } = await broken(kit, bytes, { maxPayload: 1000 });
		expect([code, sent]).toEqual(["WS_ERR_UNSUPPORTED_MESSAGE_LENGTH", 1009]);
	});
}
