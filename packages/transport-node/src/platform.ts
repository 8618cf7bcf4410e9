import { versions } from "node:process";
import * as zlib from "node:zlib";
import { type Platform, webPlatform } from "@barewire/endpoint";
import { hastenedCodec } from "@barewire/endpoint/v8";
import { zlibCodec } from "@barewire/permessage-deflate/zlib";

// Node's `fetch()` decodes zstd since its undici 7.11, where its zlib can.
const [major = 0, minor = 0] = (versions.undici ?? "").split(".").map(Number);
const decodesZstd = "createZstdDecompress" in zlib && (major > 7 || (major === 7 && minor >= 11));

const DECODED: ReadonlySet<string> = new Set(["gzip", "x-gzip", "deflate", "br", ...(decodesZstd ? ["zstd"] : [])]);

// Tests of applications put timers of their own in the place of the global ones, which may never come.
const immediately = setImmediate;

/** The web's, and Node's own zlib. */
export const platform: Platform = {
	...webPlatform,
	// A timer of 0 takes a millisecond.
	nextTurn: (task) => void immediately(task),
	// All of a list, or none of it.
	decodes: (codings) => codings.every((coding) => DECODED.has(coding)),
	codec: () => hastenedCodec(zlibCodec(zlib)),
};
