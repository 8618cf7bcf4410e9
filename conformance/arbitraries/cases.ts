import type { Role } from "@barewire/framing";
import fc from "fast-check";
import { concat, toHex } from "./bytes.ts";
import { anyFrames, conversations, encodeFrame } from "./frames.ts";
import { requestStreams } from "./requests.ts";
import { responseStreams } from "./responses.ts";

/** How the application behaves: all of it follows from the events alone. */
interface Application {
	/** Answers a request at its head, not at its end. */
	readonly early: boolean;
	/** Answers an opening handshake with 401. */
	readonly refuses: boolean;
	/** Begins the closing handshake at the message with this number. */
	readonly closesAt: number | null;
	/** Answers the message with this number in fragments, one at each later event. Absent or null: none. */
	readonly fragmentsAt?: number | null;
}

/** How the stream is cut, and when the owner of the connection gets round to what. */
interface Schedule {
	/** Where the chunks end, modulo the stream's length; or how long each chunk is. */
	readonly cuts: readonly number[] | number;
	/** How many events are pulled after each chunk, again and again from the start: 4 stands for all. */
	readonly pulls: readonly number[];
	/** Whether the application gives its answer after that chunk, or only when the stream has ended. */
	readonly answers: readonly boolean[];
	/** Whether the output is taken after that chunk. */
	readonly writes: readonly boolean[];
}

/** One stream, cut and pulled in one way. Plain data, so that it can be kept. */
export interface Case {
	readonly role: Role;
	/** Tight limits, so that streams of a few hundred bytes break them. */
	readonly tight: boolean;
	/** Whether both ends can permessage-deflate, and the peer makes use of it (RFC 7692). */
	readonly compressed: boolean;
	/**
	 * The open connection moves after every step: from here on it is the one that is restored from a clone of its snapshot, at
	 * another time. Absent: it stays.
	 */
	readonly moves?: boolean;
	/** Messages are received in parts. Absent: whole. */
	readonly parts?: boolean;
	/** What the peer sends. */
	readonly hex: string;
	/** Whether the peer ends its sending half behind it. */
	readonly ends: boolean;
	readonly application: Application;
	readonly schedule: Schedule;
}

export const PULL_ALL = 4;

const applications: fc.Arbitrary<Application> = fc.record({
	early: fc.boolean(),
	refuses: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
	closesAt: fc.option(fc.nat(4), { nil: null, freq: 4 }),
	fragmentsAt: fc.option(fc.nat(3), { nil: null, freq: 2 }),
});

const schedules: fc.Arbitrary<Schedule> = fc.record({
	cuts: fc.oneof(
		{ weight: 4, arbitrary: fc.array(fc.nat(100_000), { maxLength: 20 }) },
		{ weight: 1, arbitrary: fc.integer({ min: 1, max: 9 }) },
	),
	pulls: fc.array(fc.nat(PULL_ALL), { maxLength: 5 }),
	answers: fc.array(fc.boolean(), { maxLength: 3 }),
	writes: fc.array(fc.boolean(), { maxLength: 3 }),
});

/** Byte by byte: the cut at which most goes wrong. */
const bytewise: fc.Arbitrary<Schedule> = schedules.map((schedule) => ({ ...schedule, cuts: 1 }));

const PREFACES: Readonly<Record<Role, (compressed: boolean) => fc.Arbitrary<Uint8Array>>> = {
	server: requestStreams,
	client: responseStreams,
};

/** Frames, and what comes behind the Close frame: anything, it is discarded (RFC 6455 §1.4). */
function frameStreams(role: Role, compressed: boolean): fc.Arbitrary<Uint8Array> {
	return fc
		.tuple(
			fc.oneof({ weight: 7, arbitrary: conversations(compressed) }, { weight: 1, arbitrary: anyFrames }),
			fc.oneof(fc.constant(new Uint8Array(0)), fc.uint8Array({ maxLength: 6 })),
		)
		.map(([frames, behind]) => concat([...frames.map((each) => encodeFrame(each, role)), behind]));
}

/** Sessions that a peer may lead, from the first byte to whatever comes last. */
function sessions(role: Role, compressed: boolean): fc.Arbitrary<Uint8Array> {
	return fc.tuple(PREFACES[role](compressed), frameStreams(role, compressed)).map(concat);
}

type Mutation = readonly [kind: "flip" | "insert" | "remove" | "repeat" | "cut", at: number, byte: number];

const mutations: fc.Arbitrary<Mutation[]> = fc.array(
	fc.tuple(
		fc.constantFrom("flip", "insert", "remove", "repeat", "cut"),
		fc.nat(100_000),
		// The bytes that mean something to HTTP are more likely than others.
		fc.oneof(fc.nat(255), fc.constantFrom(...Buffer.from('\r\n\0 \t:;,0fF"\\\x7f\x80\x81\x88\xff', "latin1"))),
	),
	{ minLength: 1, maxLength: 4 },
);

function mutateOnce(bytes: Uint8Array, [kind, position, byte]: Mutation): Uint8Array {
	const at = position % (bytes.length + 1);
	const [before, behind] = [bytes.subarray(0, at), bytes.subarray(at)];
	switch (kind) {
		case "flip":
			return concat([before, behind.subarray(0, 1).map((old) => old ^ (byte || 1)), behind.subarray(1)]);
		case "insert":
			return concat([before, Uint8Array.of(byte), behind]);
		case "remove":
			return concat([before, behind.subarray(1 + (byte % 4))]);
		case "repeat":
			return concat([before, behind.subarray(0, byte % 32), behind]);
		case "cut":
			return before;
	}
}

function mutated(role: Role, compressed: boolean): fc.Arbitrary<Uint8Array> {
	const mutate = (bytes: Uint8Array, steps: Mutation[]): Uint8Array => steps.reduce(mutateOnce, bytes);
	return fc.oneof(
		fc.tuple(sessions(role, compressed), mutations).map(([bytes, steps]) => mutate(bytes, steps)),
		// With the preface left whole, the frames behind it are reached.
		fc
			.tuple(PREFACES[role](compressed), frameStreams(role, compressed), mutations)
			.map(([preface, frames, steps]) => concat([preface, mutate(frames, steps)])),
	);
}

/** Any bytes: bare, or behind a good start. */
function noise(role: Role, compressed: boolean): fc.Arbitrary<Uint8Array> {
	const bytes = fc.uint8Array({ maxLength: 300 });
	return fc.oneof(bytes, fc.tuple(PREFACES[role](compressed), bytes).map(concat));
}

function cases(
	role: Role,
	compressed: boolean,
	streams: (role: Role, compressed: boolean) => fc.Arbitrary<Uint8Array>,
	schedule: fc.Arbitrary<Schedule> = schedules,
): fc.Arbitrary<Case> {
	return fc.record<Case>({
		role: fc.constant(role),
		tight: fc.boolean(),
		compressed: fc.constant(compressed),
		hex: streams(role, compressed).map(toHex),
		ends: fc.boolean(),
		application: applications,
		schedule,
	});
}

/** The same cases, with a connection that moves after every step. */
function moved(given: fc.Arbitrary<Case>): fc.Arbitrary<Case> {
	return fc.tuple(given, fc.boolean()).map(([each, parts]) => ({ ...each, moves: true, parts }));
}

/** One property: that no case of these shows a difference. */
export interface Property {
	readonly name: string;
	readonly cases: fc.Arbitrary<Case>;
	/** Its part of a test run. */
	readonly runs: number;
}

function properties(role: Role): Property[] {
	return [
		{ name: `${role}, valid sessions`, cases: cases(role, false, sessions), runs: 2_000 },
		{ name: `${role}, valid sessions byte by byte`, cases: cases(role, false, sessions, bytewise), runs: 500 },
		{ name: `${role}, mutated sessions`, cases: cases(role, false, mutated), runs: 2_000 },
		{ name: `${role}, mutated sessions byte by byte`, cases: cases(role, false, mutated, bytewise), runs: 500 },
		{ name: `${role}, any bytes`, cases: cases(role, false, noise), runs: 1_000 },
		{ name: `${role}, compressed sessions`, cases: cases(role, true, sessions), runs: 1_000 },
		{ name: `${role}, compressed sessions byte by byte`, cases: cases(role, true, sessions, bytewise), runs: 300 },
		{ name: `${role}, mutated compressed sessions`, cases: cases(role, true, mutated), runs: 1_000 },
		{ name: `${role}, moved in valid sessions`, cases: moved(cases(role, false, sessions)), runs: 1_000 },
		{ name: `${role}, moved in mutated sessions`, cases: moved(cases(role, false, mutated)), runs: 500 },
		{ name: `${role}, moved in compressed sessions`, cases: moved(cases(role, true, sessions)), runs: 1_000 },
		{ name: `${role}, moved in mutated compressed sessions`, cases: moved(cases(role, true, mutated)), runs: 250 },
	];
}

export const PROPERTIES: readonly Property[] = [...properties("server"), ...properties("client")];
