import { versions } from "node:process";
import * as zlib from "node:zlib";
import { type Platform, webPlatform } from "@barewire/endpoint";
import { hastenedCodec } from "@barewire/endpoint/v8";
import { zlibCodec } from "@barewire/permessage-deflate/zlib";

// Node's `fetch()` decodes zstd since undici 7.11, if zlib supports it.
const [major = 0, minor = 0] = (versions.undici ?? "").split(".").map(Number);
const decodesZstd = "createZstdDecompress" in zlib && (major > 7 || (major === 7 && minor >= 11));

const DECODED: ReadonlySet<string> = new Set(["gzip", "x-gzip", "deflate", "br", ...(decodesZstd ? ["zstd"] : [])]);

// Tests of applications replace the global timers by their own, which may never fire.
const immediately = setImmediate;

/** The web platform, with Node's `setImmediate` and zlib. */
export const platform: Platform = {
	...webPlatform,
	// A timer of 0 takes a millisecond.
	nextTurn: (task) => void immediately(task),
	// Node decodes all codings of a list, or none.
	decodes: (codings) => codings.every((coding) => DECODED.has(coding)),
	codec: () => hastenedCodec(zlibCodec(zlib)),
};
