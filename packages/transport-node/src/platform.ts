import * as zlib from "node:zlib";
import { hastenScavenge, type Platform, webPlatform } from "@barewire/endpoint";
import { zlibCodec } from "@barewire/permessage-deflate/zlib";

/** The web's, a hint for V8, and Node's own zlib. */
export const platform: Platform = { ...webPlatform, largeChunk: hastenScavenge, codec: () => zlibCodec(zlib) };
