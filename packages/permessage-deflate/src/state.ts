import { UsageError } from "@barewire/errors";
import { type DirectionAgreement, windowSize } from "./agreement.ts";
import { MAX_COMPRESSED } from "./incoming-copy.ts";
import { MAX_WINDOW_BITS, MIN_WINDOW_BITS } from "./settings.ts";

/** The extension of one connection as plain data. */
export interface DeflateState {
	readonly own: DirectionAgreement;
	readonly peer: DirectionAgreement;
	/** The latest bytes of the peer's messages before the current one. Empty if the peer may not refer back to them. */
	readonly window: Uint8Array;
	/** The compressed bytes of the current message that were received so far. */
	readonly compressed: Uint8Array;
	/** The number of decompressed bytes from them. */
	readonly given: number;
	/** A message is unfinished. */
	readonly isInside: boolean;
}

/** Checks and copies the state from another process. Throws a `UsageError` (ERR_SNAPSHOT) that names the invalid member. */
export function readState(state: unknown): DeflateState {
	const { own, peer, window, compressed, given, isInside } = members(state, "state", [
		"own",
		"peer",
		"window",
		"compressed",
		"given",
		"isInside",
	]);
	const peerRead = readDirection(peer, "peer");
	const isInsideRead = readFlag(isInside, "isInside");
	const compressedRead = readBytes(compressed, "compressed", isInsideRead ? MAX_COMPRESSED : 0);
	const mostGiven = compressedRead.length > 0 ? Number.MAX_SAFE_INTEGER : 0;
	return {
		own: readDirection(own, "own"),
		peer: peerRead,
		window: readBytes(window, "window", windowSize(peerRead)),
		compressed: compressedRead,
		given: readWhole(given, "given", 0, mostGiven),
		isInside: isInsideRead,
	};
}

/** Returns the error for an invalid snapshot. */
export function snapshotError(name: string, wanted: string): UsageError {
	return new UsageError("ERR_SNAPSHOT", `in the snapshot of permessage-deflate \`${name}\` must be ${wanted}`);
}

function readDirection(value: unknown, name: string): DirectionAgreement {
	const { contextTakeover, windowBits } = members(value, name, ["contextTakeover", "windowBits"]);
	return {
		contextTakeover: readFlag(contextTakeover, `${name}.contextTakeover`),
		windowBits: readWhole(windowBits, `${name}.windowBits`, MIN_WINDOW_BITS, MAX_WINDOW_BITS),
	};
}

/** Returns the members of a plain object that has exactly these members. */
function members<Name extends string>(
	value: unknown,
	what: string,
	names: readonly Name[],
): Readonly<Record<Name, unknown>> {
	const wanted = `an object of ${names.join(", ")} and nothing else`;
	if (typeof value !== "object" || value === null) throw snapshotError(what, wanted);
	const found = Object.keys(value);
	if (found.length !== names.length || !names.every((name) => found.includes(name))) throw snapshotError(what, wanted);
	return value as Record<Name, unknown>;
}

function readFlag(value: unknown, name: string): boolean {
	if (typeof value !== "boolean") throw snapshotError(name, "true or false");
	return value;
}

function readWhole(value: unknown, name: string, least: number, most: number): number {
	const isWhole = typeof value === "number" && Number.isInteger(value) && value >= least && value <= most;
	if (!isWhole) throw snapshotError(name, `a whole number from ${least} to ${most}`);
	return value;
}

function readBytes(value: unknown, name: string, most: number): Uint8Array {
	if (!(value instanceof Uint8Array && value.length <= most))
		throw snapshotError(name, `a Uint8Array of at most ${most} bytes`);
	return new Uint8Array(value);
}
