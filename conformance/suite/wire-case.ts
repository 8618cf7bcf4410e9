import assert from "node:assert/strict";
import type { ClosedEvent, Limits } from "@barewire/endpoint";
import type { FailureKind, Role } from "@barewire/framing";
import { concat, fromHex } from "../arbitraries/bytes.ts";
import { type Case, ROLES } from "./case.ts";
import { converse } from "./core.ts";
import { deflateFrames } from "./deflate-frames.ts";
import { meet } from "./meeting.ts";
import type { Runtime } from "./runtime.ts";
import { deflaterFor, familyWith, type PeerTerms, TRAFFICS, type Traffic } from "./traffic.ts";
import { frameFor, withoutReason } from "./wire-frames.ts";

/** All that can be seen of a conversation. */
export interface Outcome {
	/** What the application got: text as it is, bytes as `hex:…`. */
	readonly messages: readonly string[];
	/** The frames that our endpoint sent, as hex without masks; a Close frame that tells of a failure without its reason. */
	readonly output: readonly string[];
	readonly closed: {
		readonly code: number;
		readonly reason: string;
		readonly wasClean: boolean;
		readonly by: ClosedEvent["by"];
		readonly failure: string | null;
	};
}

/** A peer that sends these frames, in either role, and what must come of it. */
export interface WireCase {
	/** Each a frame, or the beginning of one, without a mask. */
	readonly sends: readonly (string | Uint8Array)[];
	readonly outcome: Outcome;
	readonly limits?: Partial<Limits>;
	/** The last byte is the one that breaks the rule: not one before. */
	readonly failsAtLastByte?: boolean;
	/** What the peer says in its handshake, where compression is agreed on. */
	readonly terms?: PeerTerms;
	/** Another case in this one's place once compression is agreed on, where other rules hold then. */
	readonly agreed?: WireCase;
	/** Another case in this one's place where the peer compresses. Its messages too are written as they are before that. */
	readonly compressed?: WireCase;
}

/** Close with 1000 and no reason. */
export const CLOSE_1000 = "880203e8";

/** A peer that does all as it should, and ends with Close 1000. */
export function sound(
	sends: readonly (string | Uint8Array)[],
	messages: readonly string[],
	output: readonly string[] = [],
): WireCase {
	return {
		sends: [...sends, CLOSE_1000],
		outcome: {
			messages,
			output: [...output, CLOSE_1000],
			closed: { code: 1000, reason: "", wasClean: true, by: "peer", failure: null },
		},
	};
}

/** A peer that breaks a rule: our endpoint sends Close with this code. */
export function broken(
	sends: readonly (string | Uint8Array)[],
	kind: FailureKind,
	closeCode: number,
	messages: readonly string[] = [],
	output: readonly string[] = [],
): WireCase {
	return {
		sends,
		outcome: {
			messages,
			output: [...output, `8802${closeCode.toString(16).padStart(4, "0")}`],
			closed: { code: 1006, reason: "", wasClean: false, by: "local", failure: kind },
		},
	};
}

/** Streams up to this length are cut at each byte. */
const CUT_UP_TO = 64;

/**
 * The cases in both roles and with each traffic. Each goes through the core in every cut, and over a socket whole and byte by
 * byte. A case in which the peer has nothing to compress is not there a third time, as it would be the same as the second.
 */
export function wireCases(family: string, cases: Readonly<Record<string, WireCase>>): Case[] {
	return TRAFFICS.flatMap((traffic) => {
		const those = Object.entries(cases).filter(([, each]) => traffic !== "compressed" || canBeCompressed(each));
		const withThat = those.map(([name, each]) => [name, withTraffic(each, traffic)] as const);
		return runs(familyWith(family, traffic), traffic, Object.fromEntries(withThat));
	});
}

/** Cases of compression itself: it is agreed on, and the frames are sent as they stand. */
export function deflateCases(family: string, cases: Readonly<Record<string, WireCase>>): Case[] {
	return runs(family, "agreed", cases);
}

function runs(family: string, traffic: Traffic, cases: Readonly<Record<string, WireCase>>): Case[] {
	return ROLES.flatMap((role) =>
		Object.entries(cases).map(([name, each]) => ({
			family,
			name,
			role,
			run: (runtime: Runtime) => check(runtime, role, each, traffic),
		})),
	);
}

function withTraffic(wireCase: WireCase, traffic: Traffic): WireCase {
	if (traffic === "plain") return wireCase;
	const agreed = wireCase.agreed ?? wireCase;
	return traffic === "agreed" ? agreed : (wireCase.compressed ?? agreed);
}

/** A text or a binary message begins in it, and claims no reserved bit. */
function canBeCompressed({ agreed, compressed, sends }: WireCase): boolean {
	if (compressed !== undefined) return true;
	return (agreed?.sends ?? sends).some((sent) => [0x1, 0x2].includes((bytesOf(sent)[0] ?? 0) & 0x7f));
}

const bytesOf = (sent: string | Uint8Array): Uint8Array => (typeof sent === "string" ? fromHex(sent) : sent);

async function check(runtime: Runtime, role: Role, wireCase: WireCase, traffic: Traffic): Promise<void> {
	const { limits = {}, outcome, failsAtLastByte = false } = wireCase;
	const terms = traffic === "plain" ? null : (wireCase.terms ?? {});
	const written = wireCase.sends.map(bytesOf);
	const sends = traffic === "compressed" ? deflateFrames(written, deflaterFor(terms ?? {})) : written;
	const bytes = concat(sends.map((each) => frameFor(role, each)));
	const inCore = (chunks: readonly Uint8Array[]): Outcome => converse(role, chunks, limits, terms);
	assert.deepEqual(inCore([bytes]), outcome);
	if (bytes.length <= CUT_UP_TO) {
		for (let at = 1; at < bytes.length; at++)
			assert.deepEqual(inCore([bytes.slice(0, at), bytes.slice(at)]), outcome, `cut at ${at}`);
		assert.deepEqual(inCore(single(bytes)), outcome, "byte by byte");
	}
	if (failsAtLastByte) {
		const before = inCore([bytes.slice(0, -1)]);
		assert.equal(before.closed.failure, "stream-ended", "it failed too early");
	}
	const overSockets = (chunks: readonly Uint8Array[]): Promise<Outcome> =>
		overSocket(runtime, role, chunks, limits, terms);
	assert.deepEqual(await overSockets([bytes]), outcome, "over a socket");
	if (bytes.length <= CUT_UP_TO)
		assert.deepEqual(await overSockets(single(bytes)), outcome, "over a socket, byte by byte");
}

function single(bytes: Uint8Array): Uint8Array[] {
	return Array.from(bytes, (byte) => Uint8Array.of(byte));
}

async function overSocket(
	runtime: Runtime,
	role: Role,
	chunks: readonly Uint8Array[],
	limits: Partial<Limits>,
	terms: PeerTerms | null,
): Promise<Outcome> {
	const meeting = await meet(runtime, role, terms === null ? { limits } : { limits, traffic: "agreed", terms });
	assert.deepEqual(meeting.socket.extensions, terms === null ? [] : ["permessage-deflate"]);
	for (const chunk of chunks) {
		meeting.peer.write(chunk);
		// With a turn in between, most chunks are read one by one.
		if (chunks.length > 1) await new Promise((resolve) => setImmediate(resolve));
	}
	const { code, reason, wasClean, by, error } = await meeting.end();
	const output = meeting.frames();
	await meeting.leave();
	assert.deepEqual(meeting.errors, []);
	return {
		messages: meeting.messages.all,
		output: error === undefined ? output : output.map(withoutReason),
		closed: { code, reason, wasClean, by, failure: error?.kind ?? null },
	};
}
