import { describe, expect, test } from "vitest";
import {
	connectionSettings,
	DEFAULT_KEEP_ALIVE,
	DEFAULT_MAX_BUFFERED_BYTES,
	DEFAULT_TIMEOUTS,
} from "../src/settings.ts";
import { misuse } from "./usage.ts";

const NEVER = Number.POSITIVE_INFINITY;

test("the defaults", () => {
	expect(connectionSettings()).toEqual({
		http: {
			maxHeadSize: 16_384,
			maxFieldCount: 100,
			maxLineSize: 8_192,
			maxChunkLineSize: 256,
			maxTrailerSize: 4_096,
		},
		framing: {
			maxMessageSize: 16_777_216,
			maxStreamedSize: NEVER,
			maxFrameSize: NEVER,
			maxFragments: 131_072,
		},
		timeouts: {
			handshake: 10_000,
			httpIdle: 75_000,
			halfOpen: 100,
			body: 30_000,
			message: 120_000,
			idle: NEVER,
			closing: 10_000,
		},
		keepAlive: { interval: 20_000, timeout: 20_000 },
		rates: { maxMessagesPerSecond: NEVER, maxBytesPerSecond: NEVER },
		parts: false,
		maxBufferedBytes: 67_108_864,
		random: null,
		decodeText: null,
		isUtf8: null,
		answersPings: true,
		echoesReason: false,
		serverExtensions: [],
		clientExtensions: [],
	});
	expect(DEFAULT_TIMEOUTS).toEqual({
		handshake: 10_000,
		httpIdle: 75_000,
		halfOpen: 100,
		body: 30_000,
		message: 120_000,
		idle: NEVER,
		closing: 10_000,
	});
	expect(DEFAULT_KEEP_ALIVE).toEqual({ interval: 20_000, timeout: 20_000 });
	expect(DEFAULT_MAX_BUFFERED_BYTES).toBe(67_108_864);
});

test("each option replaces its own default only", () => {
	const decodeText = () => "";
	const random = () => {};
	const settings = connectionSettings({
		http: { maxFieldCount: 5 },
		framing: { maxFragments: 2 },
		timeouts: { idle: 7 },
		keepAlive: { interval: 8 },
		parts: true,
		maxBufferedBytes: 9,
		random,
		decodeText,
	});
	expect(settings.http).toMatchObject({ maxFieldCount: 5, maxHeadSize: 16_384 });
	expect(settings.framing).toMatchObject({ maxFragments: 2, maxMessageSize: 16_777_216 });
	expect(settings.timeouts).toEqual({ ...DEFAULT_TIMEOUTS, idle: 7 });
	expect(settings.keepAlive).toEqual({ interval: 8, timeout: 20_000 });
	expect([settings.parts, settings.maxBufferedBytes]).toEqual([true, 9]);
	expect([settings.random, settings.decodeText]).toEqual([random, decodeText]);
});

describe("a time that is none fails at once and is named: a timer of 0 would be due for ever", () => {
	test.each([
		["timeouts.handshake", (value: number) => connectionSettings({ timeouts: { handshake: value } })],
		["timeouts.httpIdle", (value: number) => connectionSettings({ timeouts: { httpIdle: value } })],
		["timeouts.idle", (value: number) => connectionSettings({ timeouts: { idle: value } })],
		["timeouts.closing", (value: number) => connectionSettings({ timeouts: { closing: value } })],
		["keepAlive.interval", (value: number) => connectionSettings({ keepAlive: { interval: value } })],
		["keepAlive.timeout", (value: number) => connectionSettings({ keepAlive: { timeout: value } })],
	])("%s", (name, settings) => {
		for (const value of [0, -1, Number.NaN, "10" as unknown as number]) {
			expect(misuse(() => settings(value))).toBe("ERR_INVALID_TIME");
			expect(() => settings(value)).toThrow(name);
		}
		expect(misuse(() => settings(NEVER))).toBe("nothing thrown");
		expect(misuse(() => settings(0.5))).toBe("nothing thrown");
	});
});

test("maxBufferedBytes must be a positive number: with NaN anything could wait", () => {
	for (const value of [0, -1, Number.NaN])
		expect(misuse(() => connectionSettings({ maxBufferedBytes: value }))).toBe("ERR_INVALID_LIMIT");
	expect(misuse(() => connectionSettings({ maxBufferedBytes: NEVER }))).toBe("nothing thrown");
});

test("a limit that is none fails at once, and is named", () => {
	for (const value of [0, 1.5, Number.NaN, null as unknown as number])
		expect(() => connectionSettings({ http: { maxHeadSize: value } })).toThrow("http.maxHeadSize");
	for (const value of [-1, Number.NaN, null as unknown as number])
		expect(() => connectionSettings({ framing: { maxFrameSize: value } })).toThrow("framing.maxFrameSize");
	expect(connectionSettings({ framing: { maxFrameSize: 0 } }).framing.maxFrameSize).toBe(0);
});

test("a name that is none fails at once: the default would hold instead", () => {
	const wrong = [
		{ maxMessageSize: 5 },
		{ timeouts: { handshak: 5 } },
		{ http: { maxHeaderSize: 5 } },
		{ keepalive: {} },
	];
	for (const options of wrong) expect(misuse(() => connectionSettings(options as object))).toBe("ERR_OPTION");
});

test("undefined is the default", () => {
	const options = { parts: undefined, maxBufferedBytes: undefined, timeouts: { idle: undefined } };
	expect(connectionSettings(options as object)).toEqual(connectionSettings());
});
