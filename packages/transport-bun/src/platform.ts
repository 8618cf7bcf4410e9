import * as zlib from "node:zlib";
import { type Platform, webPlatform } from "@barewire/endpoint";
import { zlibCodec } from "@barewire/permessage-deflate/zlib";

const DECODED: ReadonlySet<string> = new Set(["gzip", "x-gzip", "deflate", "br", "zstd"]);

// Tests of applications put timers of their own in the place of the global ones, which may never come.
const immediately = setImmediate;

/** The web's, and Bun's own zlib. */
export const platform: Platform = {
	...webPlatform,
	// A timer of 0 takes a millisecond.
	nextTurn: (task) => void immediately(task),
	// One, beside members of the list that change nothing.
	decodes(codings) {
		const [first = "", second] = codings.filter((coding) => coding !== "" && coding !== "identity");
		return second === undefined && DECODED.has(first);
	},
	codec: () => zlibCodec(zlib),
};
