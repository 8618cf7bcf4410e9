import { encodeMessage } from "@barewire/framing";
import fc from "fast-check";
import { type ConnectionOptions, connectionSettings, WebSocketConnection } from "../src/index.ts";
import { rolling } from "./moving.ts";
import { type AnyEvent, describeEvent, random } from "./owner.ts";
import { bytesOf, concat, hex } from "./wire.ts";

// Random lives of a WebSocket connection.

/** A connection with its owner's clock, and all that came of it. */
export class Life {
	connection: WebSocketConnection;
	now: number;
	/** The bytes of the peer that have not come yet. */
	coming: Uint8Array;
	readonly events: AnyEvent[] = [];
	output: Uint8Array[] = [];

	constructor(connection: WebSocketConnection, now: number, coming: Uint8Array) {
		this.connection = connection;
		this.now = now;
		this.coming = coming;
	}

	takeEvents(): void {
		for (let event = this.connection.nextEvent(); event !== null; event = this.connection.nextEvent())
			this.events.push(event);
	}

	takeOutput(): void {
		for (let piece = this.connection.nextOutput(); piece !== null; piece = this.connection.nextOutput())
			this.output.push(piece.slice());
	}

	/** All that shows how it stands and what it did. */
	shown() {
		const { connection } = this;
		const { streamAction, readyState, bufferedAmount, isSending, nextDeadline, extensions } = connection;
		return {
			events: mergedParts(this.events),
			output: Buffer.from(concat(this.output)).toString("hex"),
			left: nextDeadline - this.now,
			streamAction,
			readyState,
			bufferedAmount,
			isSending,
			// They are not moved once nothing passes them any more.
			extensions: readyState === "open" ? extensions : [],
		};
	}
}

/**
 * The events in lines. Neighbouring parts of one message are joined, and left out before a failure: how a message is parted
 * is no promise.
 */
function mergedParts(events: readonly AnyEvent[]): string[] {
	const merged: AnyEvent[] = [];
	for (const event of events) {
		const before = merged.at(-1);
		if (before?.type === "part" && event.type === "failed") merged.pop();
		if (before?.type === "part" && event.type === "part" && !event.first)
			merged[merged.length - 1] = { ...event, first: before.first, bytes: concat([before.bytes, event.bytes]) };
		else merged.push(event);
	}
	return merged.map(describeEvent);
}

/** A call on a connection, in words so that a counterexample can be read. */
export type Step = readonly [name: string, run: (life: Life) => unknown];

const COMMANDS: readonly Step[] = [
	["take events", (life) => life.takeEvents()],
	["take output", (life) => life.takeOutput()],
	["sendText", ({ connection }) => connection.sendText("hé")],
	["sendText, plain", ({ connection }) => connection.sendText("plain", true)],
	["sendBinary", ({ connection }) => connection.sendBinary(bytesOf("binary"))],
	["sendBinary, large", ({ connection }) => connection.sendBinary(new Uint8Array(70_000))],
	["sendPrepared", ({ connection }) => connection.sendPrepared(encodeMessage("to all"))],
	["enqueue", ({ connection }) => connection.enqueue("binary", bytesOf("waits"))],
	["enqueue, prepared, key a", ({ connection }) => connection.enqueue("prepared", encodeMessage("a"), { key: "a" })],
	["enqueue, key a", ({ connection }) => connection.enqueue("text", bytesOf("newer"), { key: "a" })],
	["enqueue, plain, key b", ({ connection }) => connection.enqueue("text", bytesOf("b"), { plain: true, key: "b" })],
	["beginMessage", ({ connection }) => connection.beginMessage("text")],
	["beginMessage, plain", ({ connection }) => connection.beginMessage("binary", true)],
	["sendFragment, half a character", ({ connection }) => connection.sendFragment("text", hex("e2 82"), false)],
	["sendFragment, its end", ({ connection }) => connection.sendFragment("text", hex("ac"), false)],
	["sendFragment, text", ({ connection }) => connection.sendFragment("text", bytesOf("t"), false)],
	["sendFragment, text, last", ({ connection }) => connection.sendFragment("text", bytesOf("z"), true)],
	["sendFragment, binary", ({ connection }) => connection.sendFragment("binary", hex("ff"), false)],
	["sendFragment, binary, last", ({ connection }) => connection.sendFragment("binary", hex(""), true)],
	["sendPing", ({ connection }) => connection.sendPing(bytesOf("ping"))],
	["noteProgress", ({ connection, now }) => connection.noteProgress(now)],
];

const ENDS: readonly Step[] = [
	["close", ({ connection, now }) => connection.close(1000, "bye", now)],
	["close without a code", ({ connection, now }) => connection.close(undefined, undefined, now)],
	["closeAtOnce", ({ connection, now }) => connection.closeAtOnce(1011, "oops", now)],
	["closeAtOnce, slow", ({ connection, now }) => connection.closeAtOnce(1013, "slow", now, true)],
	["terminate", ({ connection, now }) => connection.terminate(now)],
	["receiveEnd", ({ connection, now }) => connection.receiveEnd(now)],
	["receiveReset", ({ connection, now }) => connection.receiveReset(now)],
];

/** Some bytes of the peer come. */
function hear(size: number): Step {
	return [
		`hear ${size}`,
		(life) => {
			life.connection.receive(life.coming.slice(0, size), life.now);
			life.coming = life.coming.subarray(size);
		},
	];
}

/** Time goes by. */
function wait(time: number): Step {
	return [
		`wait ${time}`,
		(life) => {
			life.now += time;
			life.connection.handleTimeout(life.now);
		},
	];
}

const step: fc.Arbitrary<Step> = fc.oneof(
	{ weight: 8, arbitrary: fc.oneof(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 90 })).map(hear) },
	{ weight: 6, arbitrary: fc.constantFrom(...COMMANDS) },
	{ weight: 6, arbitrary: fc.constantFrom(...COMMANDS.slice(0, 2)) },
	{ weight: 4, arbitrary: fc.constantFrom(1, 40, 100, 300, 500, 1_000).map(wait) },
	{ weight: 1, arbitrary: fc.constantFrom(...ENDS) },
);

export const OPTIONS: ConnectionOptions = {
	keepAlive: { interval: 500, timeout: 300 },
	timeouts: { idle: 2_000, closing: 1_100, message: 1_500 },
	rates: { maxMessagesPerSecond: 8, maxBytesPerSecond: 200 },
	maxBufferedBytes: 80_000,
	framing: { maxMessageSize: 300, maxStreamedSize: 300, maxFragments: 4 },
};

/** What the peer may send, but for the mask: the first two bytes and the payload. */
const FRAMES: readonly (readonly [first: number, payload: string])[] = [
	[0x81, "whole"],
	[0x82, "\xff\x00"],
	[0x82, "x".repeat(200)],
	[0x01, "a\xe2"],
	[0x00, "\x82"],
	[0x80, "\xac!"],
	[0x02, ""],
	[0x02, "b"],
	[0x00, ""],
	[0x00, "c"],
	[0x80, ""],
	[0x80, "d"],
	[0xc1, "encoded"],
	[0x42, "ef"],
	[0x89, "ping"],
	[0x89, ""],
	[0x8a, "pong"],
	[0x88, ""],
	[0x88, "\x03\xe8bye"],
	[0x83, ""],
];
/** Those that go on with a message, or may stand anywhere, are likelier than those that end all. */
const frames = fc.array(
	fc.oneof(
		{ weight: 30, arbitrary: fc.constantFrom(...FRAMES.slice(0, -3)) },
		{ weight: 1, arbitrary: fc.constantFrom(...FRAMES.slice(-3)) },
	),
	{ maxLength: 12 },
);
/** Messages in fragments, with a ping in between, so that more than a violation comes of them. */
const SOUND = [
	[
		[0x01, "a\xe2"],
		[0x00, "\x82"],
		[0x89, "p"],
		[0x80, "\xac!"],
	],
	[
		[0x02, "b"],
		[0x00, ""],
		[0x80, "c"],
	],
	[
		[0x42, "ef"],
		[0x8a, ""],
		[0x80, "g"],
	],
	[[0x81, "whole"]],
	[[0x82, "x".repeat(200)]],
	[[0xc1, ""]],
	[[0x89, "ping"]],
] as const;
const sound = fc
	.array(fc.constantFrom<readonly (readonly [number, string])[]>(...SOUND), { maxLength: 8 })
	.map((list) => list.flat());

export interface Beginning {
	readonly role: "server" | "client";
	readonly parts: boolean;
	readonly isExtended: boolean;
	readonly stream: readonly (readonly [number, string])[];
}

export const beginning: fc.Arbitrary<Beginning> = fc.record({
	role: fc.constantFrom("server", "client"),
	parts: fc.boolean(),
	isExtended: fc.boolean(),
	stream: fc.oneof(
		frames,
		fc.tuple(sound, frames).map((both) => both.flat()),
	),
});

export function begin({ role, parts, isExtended, stream }: Beginning): Life {
	const key = [1, 2, 3, 4];
	const bytes = stream.map(([first, payload]) => {
		const bytes = bytesOf(payload);
		const length = bytes.length < 126 ? [bytes.length] : [126, 0, bytes.length];
		if (role === "client") return Uint8Array.of(first, ...length, ...bytes);
		length[0]! += 0x80;
		return Uint8Array.of(first, ...length, ...key, ...bytes.map((byte, at) => byte ^ key[at % 4]!));
	});
	const extensions = isExtended ? [rolling()] : [];
	const settings = connectionSettings({ ...OPTIONS, parts });
	return new Life(new WebSocketConnection({ role, random, extensions }, settings, 0), 0, concat(bytes));
}

/** Runs the step. Gives the code of a `UsageError`; anything else that is thrown goes through. */
export function run(life: Life, [, call]: Step): string {
	try {
		call(life);
		return "";
	} catch (error) {
		if (error instanceof Error && error.name === "UsageError" && "code" in error) return String(error.code);
		throw error;
	}
}

/** A list of steps that prints as its names. */
export const steps: fc.Arbitrary<Step[]> = fc
	.array(step, { maxLength: 40 })
	.map((list) => Object.assign(list, { toString: () => list.map(([name]) => name).join("; ") }));
