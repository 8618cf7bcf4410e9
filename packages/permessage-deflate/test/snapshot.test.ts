import { deflateRawSync } from "node:zlib";
import type { Extension } from "@barewire/framing";
import { describe, expect, test } from "vitest";
import type { Codec } from "../src/codec.ts";
import { DeflateContexts } from "../src/contexts.ts";
import { serverDeflate } from "../src/server.ts";
import { concat, hex, noise, textOf, toHex, utf8 } from "./bytes.ts";
import { CODECS, counted, ZLIB } from "./codecs.ts";
import { join, joinTo } from "./joined.ts";
import { moved, reasonOf, restore, stateOf } from "./moving.ts";

const ANY = 128 << 20;

const MOVABLE = { movable: true };

const NOT_MOVABLE = "compression was not made movable: set `movable: true`";
const NOT_NOW = "a compressed message of more than 64 KiB is under way";

/** A server that was never asked to negotiate. */
function contexts(codec: Codec = ZLIB): DeflateContexts {
	return new DeflateContexts(codec, MOVABLE);
}

function decode(extension: Extension, data: string, last: boolean = true): string {
	const bytes = extension.decode(hex(data), last, ANY, ANY);
	return typeof bytes === "string" ? bytes : textOf(bytes);
}

/** Noise that no compressor makes shorter, as blocks without compression of 1000 bytes: the data, and what it gives. */
function stored(blocks: number): { data: Uint8Array; bytes: Uint8Array } {
	const [block, header] = [noise(1_000), hex("00 e803 17fc")];
	return {
		data: concat(Array(blocks).fill(concat([header, block]))),
		bytes: concat(Array(blocks).fill(block)),
	};
}

describe("without `movable` a snapshot is possible while nothing is held for the peer", () => {
	test("before the first message, and of a message with nothing in it yet", () => {
		const { server } = join();
		const state = {
			own: { contextTakeover: true, windowBits: 12 },
			peer: { contextTakeover: true, windowBits: 12 },
			window: hex(""),
			compressed: hex(""),
			given: 0,
			isInside: false,
		};
		expect(stateOf(server)).toEqual(state);
		decode(server, "", false);
		expect(stateOf(server)).toEqual({ ...state, isInside: true });
		expect(decode(moved("server", server, contexts()), "f248cdc9c90700")).toBe("Hello");
	});

	test("but not once the peer has a context", () => {
		const { server } = join();
		decode(server, "f248cdc9c90700");
		expect(reasonOf(server)).toBe(NOT_MOVABLE);
	});

	test("between two messages of a peer that takes nothing over", () => {
		const { server } = join({ peerContextTakeover: false });
		decode(server, "f248cd", false);
		expect(reasonOf(server)).toBe(NOT_MOVABLE);
		decode(server, "c9c90700");
		const restored = moved("server", server, contexts());
		expect(decode(restored, "f248cdc9c90700")).toBe("Hello");
		expect(decode(restored, "f200110000")).toBe("extension-data");
	});

	test("what is sent does not matter: a compressor may begin anew at any time", () => {
		const { server, client } = join();
		const read = [noise(300), noise(300), noise(300)].map((piece, i) => {
			const sending = i === 0 ? server : moved("server", server, contexts());
			return client.decode(sending.encode(piece, i === 2), i === 2, ANY, ANY);
		});
		expect(concat(read as Uint8Array[])).toEqual(concat([noise(300), noise(300), noise(300)]));
	});
});

describe("a movable connection", () => {
	test("carries the window and the message under way", () => {
		const { server } = join(MOVABLE);
		decode(server, "f248cdc9c90700");
		const { window, compressed, given, isInside } = stateOf(server);
		expect([textOf(window), compressed.length, given, isInside]).toEqual(["Hello", 0, 0, false]);
		expect(decode(server, "f200", false)).toBe("H");
		const inside = stateOf(server);
		expect([textOf(inside.window), toHex(inside.compressed), inside.given, inside.isInside]).toEqual([
			"Hello",
			"f200",
			1,
			true,
		]);
		const restored = moved("server", server, contexts());
		expect(decode(restored, "110000")).toBe("ello");
		expect(textOf(stateOf(restored).window)).toBe("HelloHello");
	});

	test("a snapshot changes nothing and shares no memory", () => {
		const { server } = join(MOVABLE);
		decode(server, "f248cdc9c90700");
		decode(server, "f200", false);
		const first = stateOf(server) as { window: Uint8Array; compressed: Uint8Array; peer: { windowBits: number } };
		const copy = structuredClone(first);
		first.window.fill(0);
		first.compressed.fill(0);
		first.peer.windowBits = 0;
		expect(stateOf(server)).toEqual(copy);
		expect(decode(server, "110000")).toBe("ello");
	});

	test("the memory of a snapshot may be transferred", () => {
		const { server } = join(MOVABLE);
		for (const data of ["", "f248cdc9c90700", ""]) {
			const { window, compressed } = stateOf(server);
			structuredClone(null, { transfer: [window.buffer as ArrayBuffer, compressed.buffer as ArrayBuffer] });
			expect(decode(server, data)).toBe(data === "" ? "" : "Hello");
		}
		expect(textOf(stateOf(server).window)).toBe("Hello");
	});

	test("can't be moved when its peer's data was broken", () => {
		const { server } = join(MOVABLE);
		expect(decode(server, "ff")).toBe("extension-data");
		expect(reasonOf(server)).toBe("the peer's data could not be decompressed");
	});

	test("can be moved on as long as 64 KiB of a message have come, and again when it has ended", () => {
		const { server, client } = join({ ...MOVABLE, peerWindowBits: 15 });
		const { data, bytes } = stored(70);
		const until = (from: number, end: number, last: boolean): Uint8Array =>
			server.decode(data.slice(from, end), last, ANY, ANY) as Uint8Array;
		const read = [until(0, 65_536, false)];
		const early = restore("server", contexts(), structuredClone(stateOf(server)));
		read.push(until(65_536, 65_537, false));
		expect(reasonOf(server)).toBe(NOT_NOW);
		read.push(until(65_537, data.length, false));
		expect(reasonOf(server)).toBe(NOT_NOW);
		read.push(server.decode(hex("00"), true, ANY, ANY) as Uint8Array);
		expect(concat(read)).toEqual(bytes);
		expect(stateOf(server).window).toEqual(bytes.slice(-32_768));
		const rest = concat([data.slice(65_536), hex("00")]);
		expect(concat([read[0]!, early.decode(rest, true, ANY, ANY) as Uint8Array])).toEqual(bytes);
		client.release();
	});

	test("moves to where it is not movable", () => {
		const { server } = join(MOVABLE);
		decode(server, "f248cdc9c90700");
		const restored = moved("server", server, new DeflateContexts(ZLIB));
		expect(reasonOf(restored)).toBe(NOT_MOVABLE);
		expect(decode(restored, "f200110000")).toBe("Hello");
	});

	test("holds nothing of the memory that others have", () => {
		const { server } = join(MOVABLE);
		const pieces = [hex("f248cdc9c90700"), hex("f200")];
		const outputs = pieces.map((piece, i) => server.decode(piece, i === 0, ANY, ANY) as Uint8Array);
		for (const bytes of [...pieces, ...outputs]) bytes.fill(0);
		const { window, compressed } = stateOf(server);
		expect([textOf(window), toHex(compressed)]).toEqual(["Hello", "f200"]);
	});
});

describe.each(CODECS)("%s", (_, codec) => {
	test.each([8, 9, 10, 11, 12, 13, 14, 15])("a full window of %i bits is carried", (bits) => {
		const { server, client } = join(
			{ ...MOVABLE, peerWindowBits: bits },
			{ windowBits: bits, level: 9, memoryLevel: 9 },
			codec,
		);
		// As far back as zlib goes: it keeps 262 bytes for what is ahead.
		const payload = noise(Math.max(2 ** bits - 262, 250));
		const first = client.encode(concat([noise(50_000, 7), payload]), true);
		const second = client.encode(payload, true);
		expect(second.length).toBeLessThan(payload.length / 2);
		server.decode(first, true, ANY, ANY);
		expect(stateOf(server).window.length).toBe(2 ** bits);
		const restored = moved("server", server, contexts(codec));
		expect(restored.decode(second, true, ANY, ANY)).toEqual(payload);
	});

	// RFC 7692 §7.2.3.4: what follows a block with BFINAL begins with an empty window.
	test("a block with BFINAL in the message under way, wherever it is cut", () => {
		const pieces = ["f248cdc9c90700", "f200110000", "0000ffff", "f348cdc9c90700", "f248cdc9c90700"];
		const data = hex(pieces.slice(1).join(""));
		for (let at = 0; at <= data.length; at++) {
			const { server } = join(MOVABLE, {}, codec);
			decode(server, pieces[0]!);
			const first = server.decode(data.slice(0, at), false, ANY, ANY);
			const restored = moved("server", server, contexts(codec));
			const second = restored.decode(data.slice(at), true, ANY, ANY);
			expect(textOf(concat([first, second] as Uint8Array[]))).toBe("HelloHelloHello");
			// What came behind the last such block can be referred to.
			expect(decode(moved("server", restored, contexts(codec)), "f200110000")).toBe("Hello");
		}
	});

	// The same for the messages before the one under way: what the peer may not refer to without a move, it may not behind one.
	test("a message that refers back past a block with BFINAL", () => {
		const [final, back] = ["f348cdc9c9070000", "f200110000"];
		for (const isMoved of [false, true]) {
			const { server } = join(MOVABLE, {}, codec);
			decode(server, final);
			const next = isMoved ? moved("server", server, contexts(codec)) : server;
			expect(next.decode(hex(back), true, ANY, ANY)).toBe("extension-data");
		}
	});

	test("a message of megabytes that came in few bytes is gone through in slices", () => {
		let [calls, most] = [0, 0];
		const watching: Codec = {
			...codec,
			inflater(windowBits) {
				const inflater = codec.inflater(windowBits);
				return {
					endMessage: () => inflater.endMessage(),
					reset: () => inflater.reset(),
					close: () => inflater.close(),
					inflate(payload, limit) {
						const output = inflater.inflate(payload, limit);
						calls++;
						most = Math.max(most, limit, output.length);
						return output;
					},
				};
			},
		};
		const payload = concat([new Uint8Array(3 << 20), noise(1_000), new Uint8Array(3 << 20), noise(1_000)]);
		const data = concat([deflateRawSync(payload), hex("00")]);
		const { server } = join({ ...MOVABLE, peerWindowBits: 15 }, {}, codec);
		const first = server.decode(data.slice(0, -500), false, ANY, ANY) as Uint8Array;
		const state = structuredClone(stateOf(server));
		const restored = restore("server", contexts(watching), state);
		expect(most).toBe(300 * 1024);
		expect(calls).toBeGreaterThan(20);
		expect(stateOf(restored)).toEqual(state);
		const second = restored.decode(data.slice(-500), true, ANY, ANY) as Uint8Array;
		expect(Buffer.compare(concat([first, second]), payload)).toBe(0);
		// What is wrong is found out with no more than that.
		most = 0;
		for (const given of [0, 1, state.given - 1, state.given + 1, Number.MAX_SAFE_INTEGER])
			expect(() => restore("server", contexts(watching), { ...state, given })).toThrow(
				expect.objectContaining({
					name: "UsageError",
					code: "ERR_SNAPSHOT",
					message: `in the snapshot of permessage-deflate \`compressed\` must be DEFLATE data that gives the ${given} bytes of \`given\``,
				}),
			);
		expect(most).toBe(300 * 1024);
	});
});

describe("restoring", () => {
	const bad = (state: object): object => ({ ...state, isInside: true, compressed: hex("ffff"), given: 5 });

	test("what can't be restored has joined nothing and holds nothing", () => {
		const codec = counted();
		const to = new DeflateContexts(codec, { ...MOVABLE, maxContexts: 1 });
		for (const peer of [{ contextTakeover: true }, { contextTakeover: false }]) {
			const { server } = join({ peerContextTakeover: peer.contextTakeover });
			const state = bad(stateOf(server));
			expect(() => restore("server", to, state)).toThrow(expect.objectContaining({ code: "ERR_SNAPSHOT" }));
		}
		expect(codec.open.inflaters).toBe(0);
		expect(serverDeflate(to).answer([])!.params).toEqual([]);
	});

	test("a codec that throws", () => {
		const throwing: Codec = {
			...ZLIB,
			inflater: (bits) => ({
				...ZLIB.inflater(bits),
				close() {},
				inflate() {
					throw new Error("no memory");
				},
			}),
		};
		const { server } = join(MOVABLE);
		decode(server, "f248cdc9c90700");
		const state = stateOf(server);
		expect(() => restore("server", contexts(throwing), state)).toThrow(
			expect.objectContaining({ code: "ERR_SNAPSHOT" }),
		);
	});

	test("a promise to a peer is kept above maxContexts, and counts", () => {
		const isTold = (from: DeflateContexts): boolean => {
			const { params, extension } = serverDeflate(from).answer([])!;
			extension.release();
			return params.some(([name]) => name === "client_no_context_takeover");
		};
		const to = new DeflateContexts(ZLIB, { ...MOVABLE, maxContexts: 2 });
		const peers = [1, 2, 3].map(() => joinTo(contexts(), new DeflateContexts(ZLIB, { threshold: 0 })));
		const restored = peers.map(({ server, client }, i) => {
			expect(isTold(to)).toBe(i >= 2);
			server.decode(client.encode(noise(300), true), true, ANY, ANY);
			return moved("server", server, to);
		});
		for (const [i, { client }] of peers.entries()) {
			const encoded = client.encode(noise(300), true);
			expect(encoded.length).toBeLessThan(100);
			expect(restored[i]!.decode(encoded, true, ANY, ANY)).toEqual(noise(300));
		}
		restored[0]!.release();
		expect(isTold(to)).toBe(true);
		restored[1]!.release();
		expect(isTold(to)).toBe(false);
		restored[2]!.release();
	});

	test("a client promises nothing", () => {
		const { server, client } = join({}, MOVABLE);
		client.decode(server.encode(noise(300), true), true, ANY, ANY);
		const to = new DeflateContexts(ZLIB, { maxContexts: 1 });
		const restored = moved("client", client, to);
		expect(restored.decode(server.encode(noise(300), true), true, ANY, ANY)).toEqual(noise(300));
		expect(to.join(true)).toBe(true);
	});

	test("a decompressor is made only for what there is to remember", () => {
		const codec = counted();
		const { server } = join(MOVABLE);
		const idle = moved("server", server, contexts(codec));
		expect(codec.open.inflaters).toBe(0);
		decode(idle, "f248cdc9c90700");
		const again = moved("server", idle, contexts(codec));
		expect(codec.open.inflaters).toBe(1);
		again.release();
		expect(codec.open.inflaters).toBe(0);
	});

	test("a peer that takes nothing over leaves nothing behind when its message has ended", () => {
		const { server } = join({ ...MOVABLE, peerContextTakeover: false });
		server.decode(deflateRawSync(utf8("Hello")).slice(0, 3), false, ANY, ANY);
		expect(stateOf(server)).toMatchObject({ window: hex(""), isInside: true });
		const restored = moved("server", server, contexts());
		restored.decode(concat([deflateRawSync(utf8("Hello")).slice(3), hex("00")]), true, ANY, ANY);
		expect(stateOf(restored)).toMatchObject({ window: hex(""), compressed: hex(""), given: 0, isInside: false });
	});
});
