import * as zlib from "node:zlib";
import { type Platform, webPlatform } from "@barewire/endpoint";
import { zlibCodec } from "@barewire/permessage-deflate/zlib";
import { largeMessages } from "./large-messages.ts";

const DECODED: ReadonlySet<string> = new Set(["gzip", "x-gzip", "deflate", "br", "zstd"]);

// Tests of applications replace the global timers by their own, which may never fire.
const immediately = setImmediate;

// A timer of 0 takes a millisecond.
const nextTurn = (task: () => void): void => void immediately(task);

/** The web platform, with Bun's `setImmediate` and zlib. */
export const platform: Platform = {
	...webPlatform,
	nextTurn,
	messageGiven: largeMessages(nextTurn, () => Bun.gc(true)),
	// Bun decodes one coding. List members that change nothing may be present as well.
	decodes(codings) {
		const [first = "", second] = codings.filter((coding) => coding !== "" && coding !== "identity");
		return second === undefined && DECODED.has(first);
	},
	codec: () => zlibCodec(zlib),
};
