import { UsageError } from "@barewire/errors";
import { closePayload, type FrameWriterState } from "@barewire/framing";
import { TIMER_NAMES } from "./deadlines.ts";
import { isFailureKind } from "./failure.ts";
import {
	anything,
	bytes,
	type Check,
	duration,
	flag,
	listOf,
	oneOf,
	orNull,
	record,
	refuse,
	text,
	wholeNumber,
} from "./plain-data.ts";
import type { WebSocketSettings } from "./settings.ts";
import { SLICE_SIZE } from "./slice.ts";
import { type ConnectionSnapshot, SNAPSHOT_VERSION } from "./snapshot.ts";
import { closeOf, isEnd, isPlace, isRest, messageKind, type WaitingKind, weightOf } from "./waiting-message.ts";

const MOST = Number.MAX_SAFE_INTEGER;

const failureKind: Check = (value, path) => {
	if (typeof value !== "string" || !isFailureKind(value)) refuse(path, "the kind of a failure");
};

/** The state of a text's validation between two characters. */
const BETWEEN = 0;

/** Every state between two bytes of a valid text. */
const UTF8_STATES: readonly unknown[] = [BETWEEN, 0x180bf, 0x280bf, 0x2a0bf, 0x2809f, 0x380bf, 0x390bf, 0x3808f];

const utf8State: Check = (value, path) => {
	if (!UTF8_STATES.includes(value)) refuse(path, "a state of UTF-8 validation");
};

/** Allowed bytes of output in addition to messages. */
const CONTROL_ROOM = 128 * 1024;

const closeCode = wholeNumber(1000, 4999);

const pendingClose: Check = (value, path) => {
	record({ code: orNull(closeCode), reason: text(123) })(value, path);
	const { code, reason } = value as { code: number | null; reason: string };
	try {
		closePayload(code ?? undefined, reason);
	} catch {
		refuse(path, "a code and a reason that may be sent");
	}
};

const SHAPE: Check = record({
	version: oneOf(SNAPSHOT_VERSION),
	role: oneOf("server", "client"),
	protocol: text(16_384),
	parts: flag,
	extensions: listOf(record({ name: text(256), state: anything })),
	reader: record({
		frames: record({
			unread: listOf(bytes),
			message: orNull(
				record({
					opcode: oneOf(1, 2),
					rsv: wholeNumber(0, 7),
					size: wholeNumber(0, MOST),
					fragments: wholeNumber(1, MOST),
					remaining: wholeNumber(0, MOST),
					fin: flag,
					key: wholeNumber(-(2 ** 31), 2 ** 31 - 1),
				}),
			),
		}),
		decodedSize: wholeNumber(0, MOST),
		held: bytes,
		complete: orNull(oneOf("text", "binary")),
		hasPart: flag,
	}),
	sender: record({
		frames: orNull(
			record({
				output: bytes,
				data: wholeNumber(0, MOST),
				unfinished: orNull(
					record({ kind: oneOf("text", "binary"), rsv: wholeNumber(0, 7), hasFrame: flag, utf8: utf8State }),
				),
				isClosed: flag,
			}),
		),
		waiting: listOf(
			record({
				kind: oneOf("text", "binary", "prepared", "beginText", "beginBinary", "restText", "restBinary", "close", "end"),
				bytes,
				plain: flag,
				key: orNull(text(MOST)),
			}),
		),
		delayedPong: orNull(record({ payload: bytes, behind: wholeNumber(1, MOST) })),
		dropped: wholeNumber(0, MOST),
		untilEnd: wholeNumber(-1, MOST),
		unread: orNull(
			record({ all: wholeNumber(0, MOST), behindPing: wholeNumber(0, MOST), pings: wholeNumber(0, MOST) }),
		),
	}),
	life: record({
		outbound: oneOf("open", "finishing", "closeSent", "ended"),
		inbound: oneOf("open", "closeReceived", "failed", "ended"),
		stage: oneOf("open", "closing", "closed"),
		endedBy: orNull(oneOf("local", "peer", "stream")),
		closeCode,
		closeReason: text(123),
		failure: orNull(failureKind),
		// A length of a frame may be larger than any safe integer.
		found: orNull(wholeNumber(0, Number.MAX_VALUE)),
		isAtOnce: flag,
		closedTaken: flag,
	}),
	timers: record(Object.fromEntries(TIMER_NAMES.map((name) => [name, orNull(duration(-MOST))]))),
	sinceInput: duration(-MOST),
	eventsDrained: flag,
	pending: wholeNumber(0, MOST),
	rate: orNull(record({ messages: duration(0), bytes: duration(0), pause: orNull(duration(-MOST)) })),
	endReceived: flag,
	isAborted: flag,
	raised: orNull(failureKind),
	pendingClose: orNull(pendingClose),
});

/**
 * Validates the snapshot and checks it against these settings. The state of an extension is checked by the extension. Throws a
 * `UsageError`: ERR_SNAPSHOT, ERR_SNAPSHOT_LIMIT, ERR_SNAPSHOT_SETTINGS.
 */
export function readSnapshot(value: unknown, settings: WebSocketSettings): ConnectionSnapshot {
	const version = (value as { version?: unknown } | null | undefined)?.version;
	if (typeof version === "number" && version !== SNAPSHOT_VERSION)
		throw new UsageError(
			"ERR_SNAPSHOT",
			`the snapshot is of version ${version}, and this package reads ${SNAPSHOT_VERSION}: use the same release in both processes`,
		);
	SHAPE(value, "snapshot");
	const snapshot = value as ConnectionSnapshot;
	const names = snapshot.extensions.map(({ name }) => name);
	must(new Set(names).size === names.length, "extensions", "without the same one twice");
	checkReader(snapshot, settings);
	checkSender(snapshot, settings);
	checkLife(snapshot);
	return snapshot;
}

function must(holds: boolean, path: string, wanted: string): void {
	if (!holds) refuse(`snapshot.${path}`, wanted);
}

function checkReader({ reader, parts, life, pending }: ConnectionSnapshot, settings: WebSocketSettings): void {
	const { frames, held, complete, decodedSize, hasPart } = reader;
	const { unread, message } = frames;
	must(
		life.inbound === "open" || (message === null && complete === null && unread.length === 0),
		"reader",
		"empty where nothing more is read",
	);
	const unreadBytes = unread.reduce((sum, { length }) => sum + length, 0);
	must(pending >= unreadBytes, "pending", "no less than what is unread");
	const { maxMessageSize, maxStreamedSize, maxFragments } = settings.framing;
	if (message === null) {
		must(decodedSize === 0 && !hasPart, "reader", "empty between two messages");
		must((complete !== null) === held.length > 0, "reader.held", "all bytes of a message that has come to its end");
		must(complete === null || !parts, "reader.complete", "null where messages are in parts");
		if (complete === null) return;
		mustFit(parts, settings);
		return limited(held.length, maxMessageSize, "maxMessageSize");
	}
	must(complete === null, "reader.complete", "null while a message is unfinished");
	const { opcode, rsv, size, fragments, remaining, fin, key } = message;
	must(size >= remaining, "reader.frames.message.size", "no less than what is still to come");
	must(remaining > 0 || (!fin && key === 0), "reader.frames.message", "without a masking key between two frames");
	must(decodedSize === 0 || rsv !== 0, "reader.decodedSize", "0 where no extension decodes");
	if (parts) {
		must(held.length <= 3, "reader.held", "a part of one character");
		must(held.length === 0 || opcode === 1, "reader.held", "empty in a binary message");
	} else {
		must(!hasPart, "reader.hasPart", "false where messages are whole");
		must(
			held.length === (rsv === 0 ? size - remaining : decodedSize),
			"reader.held",
			"the bytes of the message so far",
		);
	}
	if (opcode === 1 && (parts || rsv === 0)) {
		must(isUtf8(held, true), "reader.held", "UTF-8");
		must(!parts || held.length === 0 || !isUtf8(held, false), "reader.held", "a part of one character");
	}
	mustFit(parts, settings);
	const [most, name] = parts ? [maxStreamedSize, "maxStreamedSize"] : [maxMessageSize, "maxMessageSize"];
	limited(rsv === 0 ? size : decodedSize, most, name);
	if (!parts) limited(fragments, maxFragments, "maxFragments");
}

/** Called when a message is unfinished. */
function mustFit(parts: boolean, settings: WebSocketSettings): void {
	if (parts === settings.parts) return;
	throw new UsageError(
		"ERR_SNAPSHOT_SETTINGS",
		`a message is under way that is received ${parts ? "in parts" : "whole"}: give settings with parts: ${parts}`,
	);
}

function checkSender({ sender, role, isAborted }: ConnectionSnapshot, settings: WebSocketSettings): void {
	const { frames, waiting, delayedPong } = sender;
	must((frames === null) === isAborted, "sender.frames", "null when the stream is gone, and only then");
	must(delayedPong === null || delayedPong.payload.length <= 125, "sender.delayedPong", "at most 125 bytes");
	if (frames === null) return must(waiting.length === 0 && delayedPong === null, "sender", "empty when it has ended");
	must(sender.untilEnd <= frames.output.length, "sender.untilEnd", "a part of the output");
	must(
		delayedPong === null || delayedPong.behind <= frames.output.length,
		"sender.delayedPong.behind",
		"a part of the output",
	);
	must(frames.data <= frames.output.length, "sender.frames.data", "a part of the output");
	must(
		frames.unfinished?.kind !== "binary" || frames.unfinished.utf8 === BETWEEN,
		"sender.frames.unfinished.utf8",
		"that of a text",
	);
	must(!frames.isClosed || frames.unfinished === null, "sender.frames.unfinished", "null after Close");
	const places = waiting.filter(({ kind }) => isPlace(kind));
	for (const [at, { kind, bytes }] of waiting.entries()) {
		must(
			!isRest(kind) || (at === 0 && bytes.length > 0 && isBetween(frames.unfinished, kind)),
			"sender.waiting",
			"the rest of the unfinished message, in front of all others",
		);
		must(!isEnd(kind) || (at > 0 && at === waiting.length - 1), "sender.waiting", "an end behind all messages");
		must(kind !== "end" || bytes.length === 0, "sender.waiting", "an end without bytes");
		must(kind !== "close" || isClosePayload(bytes), "sender.waiting", "a Close frame that may be sent");
	}
	must(
		places.every(({ bytes, key }) => bytes.length === 0 && key === null),
		"sender.waiting",
		"a place without bytes and key",
	);
	const keys = waiting.map(({ key }) => key).filter((key) => key !== null);
	must(new Set(keys).size === keys.length, "sender.waiting", "one message of each key");
	must(role === "server" || waiting.every(({ kind }) => kind !== "prepared"), "sender.waiting", "messages");
	for (const { kind, bytes } of waiting)
		must((kind !== "text" && kind !== "restText") || isUtf8(bytes, false), "sender.waiting", "UTF-8");
	// Messages that waited for another message may have been framed all at once, and headers and control frames are never rejected.
	limited(frames.output.length, 2 * settings.maxBufferedBytes + CONTROL_ROOM, "maxBufferedBytes");
	const size = waiting.reduce((sum, { kind, bytes }) => sum + weightOf(kind, { length: leastCounted(kind, bytes) }), 0);
	limited(size, settings.maxBufferedBytes, "maxBufferedBytes");
}

/** Whether the unfinished message is of this kind, and not split inside a character. */
function isBetween(unfinished: FrameWriterState["unfinished"], kind: WaitingKind): boolean {
	return unfinished !== null && unfinished.kind === messageKind(kind) && unfinished.utf8 === BETWEEN;
}

/** A large text may have been counted in UTF-16 code units. Each unit has at most three bytes. */
function leastCounted(kind: WaitingKind, { length }: Uint8Array): number {
	const mayBeString = kind === "restText" || (kind === "text" && length > SLICE_SIZE);
	return mayBeString ? Math.ceil(length / 3) : length;
}

function checkLife(snapshot: ConnectionSnapshot): void {
	const { life, sender, timers, endReceived, isAborted, pendingClose, raised } = snapshot;
	const { outbound, inbound, stage, endedBy, closedTaken } = life;
	const { frames, waiting } = sender;
	const isClosed = outbound === "ended" && inbound === "ended";
	const isSliced = waiting.length > 0 && isRest(waiting[0]!.kind);
	const isUnfinished = (frames?.unfinished != null && !isSliced) || waiting.some(({ kind }) => isPlace(kind));
	const end = waiting.at(-1)?.kind ?? null;
	const hasEnd = end !== null && isEnd(end);
	must(!isAborted || outbound === "ended", "life.outbound", "ended when the stream is gone");
	must(!closedTaken || isClosed, "life.closedTaken", "false before the end");
	must(
		(outbound === "finishing") === (pendingClose !== null),
		"pendingClose",
		"there in the state finishing, and only then",
	);
	must(outbound !== "finishing" || isUnfinished, "life.outbound", "finishing while a message is unfinished");
	must(
		outbound === "ended" || (frames?.isClosed || hasEnd) === (outbound === "closeSent"),
		"sender.frames.isClosed",
		"that of the state",
	);
	must(
		waiting.length === 0 || hasEnd === (outbound === "closeSent" || outbound === "ended"),
		"sender.waiting",
		"messages before Close, with their end after it",
	);
	must(outbound !== "closeSent" || end !== "end", "sender.waiting", "Close, where it was sent");
	must(
		(stage === "open") === (outbound === "open" || outbound === "finishing") || outbound === "ended",
		"life.stage",
		"that of the state",
	);
	// The side that ended the connection is unknown until the peer's end, and the bytes before it, are read.
	const isOpen = inbound === "open" && (outbound === "open" || (isAborted && endReceived));
	must(endedBy !== null || isOpen, "life.endedBy", "there once the end has begun");
	must(raised === null || outbound === "ended", "raised", "null before the connection has failed");
	must(outbound !== "open" || timers.closing === null, "timers.closing", "null before the end has begun");
	must(!isAborted || TIMER_NAMES.every((name) => timers[name] === null), "timers", "null when the stream is gone");
}

function limited(size: number, most: number, name: string): void {
	if (size <= most) return;
	throw new UsageError(
		"ERR_SNAPSHOT_LIMIT",
		`the connection holds ${size}, and ${name} is ${most}: raise that limit where it is restored`,
	);
}

function isClosePayload(bytes: Uint8Array): boolean {
	try {
		const again = closePayload(...closeOf(bytes));
		return again.length === bytes.length && again.every((byte, at) => byte === bytes[at]);
	} catch {
		return false;
	}
}

/** `isCut`: the last character may continue after the bytes. */
function isUtf8(bytes: Uint8Array, isCut: boolean): boolean {
	try {
		new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: isCut });
		return true;
	} catch {
		return false;
	}
}
