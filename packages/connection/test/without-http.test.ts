import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { connectionSettings, WebSocketConnection } from "../src/index.ts";
import { newClock, openOwner } from "./owner.ts";
import { openPair } from "./pair.ts";
import { bytesOf, clientFrame, concat, TEXT, textOf, toHex } from "./wire.ts";

// Two WebSocket connections joined without a line of HTTP.

const SIDES = ["server", "client"] as const;

interface Message {
	readonly from: "server" | "client";
	readonly kind: "text" | "binary";
	readonly text: string;
	/** Sent in so many fragments; 0: whole. */
	readonly fragments: number;
	/** What was sent is carried before the next one is. */
	readonly carried: boolean;
}

const messages: fc.Arbitrary<Message[]> = fc.array(
	fc.record({
		from: fc.constantFrom(...SIDES),
		kind: fc.constantFrom("text", "binary"),
		text: fc.oneof(
			{ weight: 20, arbitrary: fc.string({ unit: "binary", maxLength: 20 }) },
			{ weight: 4, arbitrary: fc.constantFrom("é".repeat(100), "x".repeat(5_000)) },
			{ weight: 1, arbitrary: fc.constant("x".repeat(70_000)) },
		),
		fragments: fc.nat(3),
		carried: fc.boolean(),
	}),
	{ maxLength: 8 },
);

const encoder = new TextEncoder();

function send(connection: WebSocketConnection, { kind, text, fragments }: Message): void {
	const bytes = encoder.encode(text);
	if (fragments === 0) return kind === "text" ? connection.sendText(text) : connection.sendBinary(bytes);
	for (let part = 1; part <= fragments; part++) {
		const from = Math.floor(((part - 1) * bytes.length) / fragments);
		const to = Math.floor((part * bytes.length) / fragments);
		connection.sendFragment(kind, bytes.subarray(from, to), part === fragments);
	}
}

test("what one sends the other receives, however the bytes are cut, and a Close from either side ends both clean", () => {
	const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(70, 5_000, 80_000)), {
		minLength: 1,
	});
	fc.assert(
		fc.property(messages, sizes, fc.constantFrom(...SIDES, "both"), (list, cuts, closing) => {
			const pair = openPair();
			let next = 0;
			pair.cut = (bytes) => {
				const chunks: Uint8Array[] = [];
				for (let at = 0; at < bytes.length; ) {
					// No more than a hundred chunks, or a large message takes for ever.
					const size = Math.max(cuts[next++ % cuts.length]!, Math.ceil(bytes.length / 100));
					chunks.push(bytes.subarray(at, at + size));
					at += size;
				}
				return chunks;
			};
			for (const message of list) {
				pair[message.from].do((connection) => send(connection, message));
				if (message.carried) pair.run();
			}
			for (const side of SIDES)
				if (closing === side || closing === "both")
					pair[side].do((connection, now) => connection.close(4_000, "", now));
			pair.run();
			const events = pair.happened();
			for (const side of SIDES) {
				const heard = list
					.filter(({ from }) => from !== side)
					.map(({ kind, text }) => (kind === "text" ? `text ${text}` : `binary ${toHex(encoder.encode(text))}`));
				const by = closing === side || closing === "both" ? "local" : "peer";
				expect(events[side]).toEqual([...heard, "close 4000", `closed 4000 "" clean by ${by} at closed: fine`]);
			}
		}),
		{ numRuns: 300 },
	);
});

describe("what the handshake has left", () => {
	test("bytes behind its head are read first", () => {
		const rest = concat([clientFrame(TEXT, "a"), clientFrame(TEXT, "b").subarray(0, 3)]);
		const owner = openOwner("server", {}, newClock(), { rest });
		owner.hear(clientFrame(TEXT, "b").subarray(3));
		expect(owner.happened()).toEqual(["text a", "text b"]);
	});

	test("its output leaves first, and is no message", () => {
		const connection = openServerWith([bytesOf("HTTP"), bytesOf("/1.1")]);
		expect(connection.bufferedAmount).toBe(8);
		connection.sendText("a");
		const pieces: Uint8Array[] = [];
		for (let piece = connection.nextOutput(); piece !== null; piece = connection.nextOutput()) pieces.push(piece);
		expect(textOf(concat(pieces))).toBe("HTTP/1.1\x81\x01a");
		const cut = openServerWith([bytesOf("HTTP")]);
		cut.receiveReset(0);
		expect(cut.nextEvent()).toMatchObject({ type: "closed", unsent: 0 });
	});

	function openServerWith(output: readonly Uint8Array[]): WebSocketConnection {
		return new WebSocketConnection({ role: "server", output }, connectionSettings(), 0);
	}
});
