import { describe, expect, test } from "vitest";
import { listenPlace } from "../src/listen-options.ts";
import { settle } from "../src/options.ts";
import { webPlatform } from "../src/platform.ts";

const OK = { port: 0 };

describe("listenPlace", () => {
	test("fills in the defaults", () => {
		expect(listenPlace({ port: 80 })).toEqual({
			hostname: "127.0.0.1",
			port: 80,
			path: null,
			fd: null,
			backlog: 4096,
			tls: null,
			handshakeTimeout: 10_000,
			task: "listen on 127.0.0.1:80",
		});
		expect(listenPlace({ path: "/run/x.sock" })).toMatchObject({ path: "/run/x.sock", task: "listen on /run/x.sock" });
		expect(listenPlace({ hostname: "::1", port: 80 }).task).toBe("listen on [::1]:80");
	});

	test.each([
		["[::1]", "::1"],
		["::ffff:127.0.0.1", "::ffff:127.0.0.1"],
		["10.0.0.255", "10.0.0.255"],
		["1.example", "1.example"],
		["my_host", "my_host"],
	])("the hostname %j is %s", (hostname, expected) => {
		expect(listenPlace({ port: 0, hostname })).toMatchObject({ hostname: expected });
	});

	test.each([
		"256.1.1.1",
		"127.1",
		"1.2.3.4.5",
		"fe80::1%lo",
		"[::1%lo]",
		"localhost:80",
		"[::1]:80",
		"http://a",
		"a/b",
		"a b",
	])("the hostname %j is refused", (hostname) => {
		expect(() => listenPlace({ port: 0, hostname })).toThrow(
			`the option \`hostname\` must be a host name, an IPv4 address such as 127.0.0.1 or an IPv6 address such as ::1, without scheme, port and zone, not ${JSON.stringify(hostname)}`,
		);
	});

	test("undefined counts as absent", () => {
		expect(listenPlace({ port: 80, hostname: undefined, tls: undefined } as object)).toMatchObject({ port: 80 });
	});

	test.each([
		[undefined, "the options must be an object, not undefined"],
		[{}, "give one of the options `port`"],
		[{ port: 80, path: "/x" }, "give one of the options `port`"],
		[{ path: "/x", hostname: "a" }, "exclude each other"],
		[{ port: "80" }, 'the option `port` must be a whole number from 0 to 65535, not "80"'],
		[{ port: 65_536 }, "the option `port`"],
		[{ port: 1.5 }, "the option `port`"],
		[{ ...OK, prot: 1 }, "unknown option `prot`; known are hostname, port, path"],
		[{ ...OK, onMessage: 1 }, "unknown option `onMessage`, perhaps `message` is meant; known are hostname"],
		[{ ...OK, origin: "any" }, "unknown option `origin`, perhaps `origins` is meant; known are hostname"],
		[{ ...OK, timeouts: { Idle: 1 } }, "unknown option `timeouts.Idle`, perhaps `timeouts.idle` is meant; known are"],
		[{ ...OK, constructor: 1 }, "unknown option `constructor`"],
		[{ ...OK, hostname: "" }, "the option `hostname`"],
		[{ ...OK, backlog: 0 }, "the option `backlog`"],
		[{ ...OK, tls: { key: "x" } }, "the option `tls` must be an object with `key` and `cert`"],
		[{ ...OK, tls: { key: 1, cert: "x" } }, "the option `tls.key`"],
		// It may be a private key.
		[{ ...OK, tls: "secret" }, "the option `tls` must be an object, not a string"],
		[{ ...OK, fetch: "x".repeat(101) }, `the option \`fetch\` must be a function, not "${"x".repeat(100)}"…`],
		[{ ...OK, tls: { key: "x", cert: "x", c: 1 } }, "unknown option `tls.c`"],
		[{ ...OK, limits: { maxMessageSize: Number.NaN } }, "the option `limits.maxMessageSize`"],
		[{ ...OK, limits: { maxMessageSize: -1 } }, "the option `limits.maxMessageSize`"],
		[{ ...OK, limits: { maxMessageSize: 2 ** 53 } }, "the option `limits.maxMessageSize`"],
		[{ ...OK, limits: { maxMesageSize: 1 } }, "unknown option `limits.maxMesageSize`"],
		[{ ...OK, limits: { maxHeadSize: 0 } }, "the option `limits.maxHeadSize`"],
		[{ ...OK, limits: 5 }, "the option `limits` must be an object, not 5"],
		[{ ...OK, timeouts: { idle: 0 } }, "the option `timeouts.idle` must be a positive number of milliseconds"],
		[{ ...OK, timeouts: { idle: "1s" } }, 'not "1s"'],
		[
			{ ...OK, keepAlive: true },
			"the option `keepAlive` must be false, or an object with `interval` and `timeout`, not true",
		],
		[{ ...OK, maxConnections: 5 }, "unknown option `maxConnections`, perhaps `limits.maxConnections` is meant"],
		[{ ...OK, handshake: 5 }, "unknown option `handshake`, perhaps `timeouts.handshake` is meant"],
		[{ ...OK, keepAlive: { interval: Number.NaN } }, "the option `keepAlive.interval`"],
		[{ ...OK, compression: 1 }, "the option `compression` must be true, false or an object, not 1"],
		[{ ...OK, compression: null }, "the option `compression` must be true, false or an object, not null"],
		[{ ...OK, compression: [] }, "the option `compression` must be an object, not an array"],
		[
			{ ...OK, compression: { level: 10 } },
			"the option `compression.level` must be a whole number from 0 to 9, not 10",
		],
		[
			{ ...OK, compression: { windowBits: 7 } },
			"the option `compression.windowBits` must be a whole number from 8 to 15",
		],
		[{ ...OK, compression: { peerWindowBits: "12" } }, "the option `compression.peerWindowBits`"],
		[{ ...OK, compression: { memoryLevel: 0 } }, "the option `compression.memoryLevel`"],
		[{ ...OK, compression: { memLevel: 5 } }, "unknown option `compression.memLevel`; known are threshold, level"],
		[{ ...OK, compression: { threshold: -1 } }, "the option `compression.threshold`"],
		[{ ...OK, compression: { contextTakeover: 0 } }, "the option `compression.contextTakeover` must be true or false"],
		[{ ...OK, compression: { movable: 1 } }, "the option `compression.movable` must be true or false, not 1"],
		[{ ...OK, compression: { maxContexts: 1.5 } }, "the option `compression.maxContexts`"],
		[{ ...OK, compression: { keepContext: 0 } }, "the option `compression.keepContext` must be a positive number"],
		[{ ...OK, compression: { codec: {} } }, "the option `compression.codec` must be a codec, such as pakoCodec(pako)"],
		[{ ...OK, fetch: "x" }, "the option `fetch` must be a function"],
		[{ ...OK, message: null }, "the option `message` must be a function, not null"],
		[{ ...OK, origins: "example.com" }, 'the option `origins` must be "same-origin", "any" or an array of origins'],
		[
			{ ...OK, origins: ["https://example.com", "https://example.com/"] },
			'each of the option `origins` must be an origin such as "https://example.com", without a path and a slash at the end, not "https://example.com/"',
		],
		[{ ...OK, origins: [7] }, "each of the option `origins` must be an origin"],
		[{ ...OK, origins: [undefined] }, "each of the option `origins` must be an origin"],
		[{ ...OK, origins: ["example.com"] }, "the option `origins`"],
	])("%j is refused by name", (options, message) => {
		let thrown: unknown;
		try {
			listenPlace(options as object);
		} catch (error) {
			thrown = error;
		}
		expect(thrown).toMatchObject({ name: "UsageError", code: "ERR_OPTION" });
		expect((thrown as Error).message).toContain(message);
	});
});

describe("settle", () => {
	test("sorts the limits to whom they belong, and keeps the defaults of the others", () => {
		const { settings, highWaterMark } = settle(
			{ limits: { maxMessageSize: 5, maxFieldCount: 7, highWaterMark: 9 }, timeouts: { idle: 3 } },
			webPlatform,
		);
		expect([settings.framing.maxMessageSize, settings.http.maxFieldCount, highWaterMark]).toEqual([5, 7, 9]);
		expect(settings.timeouts).toMatchObject({ idle: 3, handshake: 10_000 });
		expect(settings.framing.maxFragments).toBeGreaterThan(1);
	});

	test("highWaterMark is below maxBufferedBytes: by default, and where it is given", () => {
		const mark = (limits: object): number => settle({ limits }, webPlatform).highWaterMark;
		expect([mark({}), mark({ maxBufferedBytes: 10_000 })]).toEqual([65_536, 5_000]);
		expect(mark({ maxBufferedBytes: 10_000, highWaterMark: 9_999 })).toBe(9_999);
		expect(mark({ highWaterMark: Number.POSITIVE_INFINITY })).toBe(Number.POSITIVE_INFINITY);
		expect(() => mark({ maxBufferedBytes: 10_000, highWaterMark: 10_000 })).toThrow(
			"the option `limits.highWaterMark` must be less than `limits.maxBufferedBytes` (10000), or Infinity, not 10000",
		);
	});

	test("keepAlive: false means never; an undefined entry keeps its default", () => {
		expect(settle({ keepAlive: false }, webPlatform).settings.keepAlive.interval).toBe(Number.POSITIVE_INFINITY);
		const odd = { keepAlive: { interval: undefined } } as object;
		expect(settle(odd, webPlatform).settings.keepAlive.interval).toBe(20_000);
	});
});
