import { expect } from "vitest";
import { type MessageSpec, messageOf } from "../exchange/messages.ts";
import type { RecordedEnd } from "../relay/recording.ts";
import type { DeflateTraits } from "./traits.ts";

/** Messages from here on are compressed by everybody who compresses at all. */
const WORTH_IT = 1024;

/** An end that makes messages shorter makes a thousand times the same at least this much shorter. */
const RATIO = 10;

/** What this end sent on the wire is these messages, compressed as can be expected of it. */
export function expectCompressed(end: RecordedEnd, sent: readonly MessageSpec[], { compresses }: DeflateTraits): void {
	expect(end.failures).toEqual([]);
	expect(end.messages.map(({ kind }) => kind)).toEqual(sent.map(({ kind }) => kind));
	const compressed = end.messages.map(({ rsv1 }) => rsv1);
	if (compresses === "none") return expect(compressed).not.toContain(true);
	for (const [i, spec] of sent.entries()) {
		const length = Buffer.byteLength(messageOf(spec));
		const { rsv1, bytes } = end.messages[i]!;
		if (!rsv1) expect(bytes).toBe(length);
		if (compresses === "all" && length > 0) expect({ i, rsv1 }).toEqual({ i, rsv1: true });
		if ("seed" in spec || length < WORTH_IT) continue;
		expect({ i, rsv1 }).toEqual({ i, rsv1: true });
		expect(bytes).toBeLessThan(length / RATIO);
	}
}

/** The second of two equal messages that nobody can compress refers back to the first one, or it does not. */
export function expectContext(end: RecordedEnd, first: number, isTakenOver: boolean): void {
	const [one, two] = [end.messages[first]?.bytes ?? 0, end.messages[first + 1]?.bytes ?? 0];
	if (isTakenOver) expect(two).toBeLessThan(one / RATIO);
	else expect(two).toBeGreaterThan(one - one / RATIO);
}
