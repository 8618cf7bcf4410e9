import assert from "node:assert/strict";
import type { ClosedEvent, Limits } from "@barewire/endpoint";
import type { FailureKind, Role } from "@barewire/framing";
import { concat, fromHex } from "../arbitraries/octets.ts";
import { type Case, ROLES } from "./case.ts";
import { converse } from "./core.ts";
import { meet } from "./meeting.ts";
import type { Runtime } from "./runtime.ts";
import { frameFor, withoutReason } from "./wire-frames.ts";

/** All that can be seen of a conversation. */
export interface Outcome {
	/** What the application got: text as it is, octets as `hex:…`. */
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
	/** The last octet is the one that breaks the rule: not one before. */
	readonly failsAtLastOctet?: boolean;
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

/** Streams up to this length are cut at each octet. */
const CUT_UP_TO = 64;

/** The cases in both roles. Each goes through the core in every cut, and over a socket whole and octet by octet. */
export function wireCases(family: string, cases: Readonly<Record<string, WireCase>>): Case[] {
	return ROLES.flatMap((role) =>
		Object.entries(cases).map(([name, each]) => ({
			family,
			name,
			role,
			run: (runtime: Runtime) => check(runtime, role, each),
		})),
	);
}

async function check(runtime: Runtime, role: Role, wireCase: WireCase): Promise<void> {
	const { limits = {}, outcome, failsAtLastOctet = false } = wireCase;
	const sends = wireCase.sends.map((each) => frameFor(role, typeof each === "string" ? fromHex(each) : each));
	const octets = concat(sends);
	assert.deepEqual(converse(role, [octets], limits), outcome);
	if (octets.length <= CUT_UP_TO) {
		for (let at = 1; at < octets.length; at++)
			assert.deepEqual(converse(role, [octets.slice(0, at), octets.slice(at)], limits), outcome, `cut at ${at}`);
		assert.deepEqual(converse(role, single(octets), limits), outcome, "octet by octet");
	}
	if (failsAtLastOctet) {
		const before = converse(role, [octets.slice(0, -1)], limits);
		assert.equal(before.closed.failure, "stream-ended", "it failed too early");
	}
	assert.deepEqual(await overSocket(runtime, role, [octets], limits), outcome, "over a socket");
	if (octets.length <= CUT_UP_TO)
		assert.deepEqual(await overSocket(runtime, role, single(octets), limits), outcome, "over a socket, octet by octet");
}

function single(octets: Uint8Array): Uint8Array[] {
	return Array.from(octets, (octet) => Uint8Array.of(octet));
}

async function overSocket(
	runtime: Runtime,
	role: Role,
	chunks: readonly Uint8Array[],
	limits: Partial<Limits>,
): Promise<Outcome> {
	const meeting = await meet(runtime, role, { limits });
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
