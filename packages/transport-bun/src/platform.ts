import * as zlib from "node:zlib";
import { type Platform, webPlatform } from "@barewire/endpoint";
import { zlibCodec } from "@barewire/permessage-deflate/zlib";

/** The web's, and Bun's own zlib. */
export const platform: Platform = {
	...webPlatform,
	decodedCodings: ["gzip", "deflate", "br", "zstd"],
	codec: () => zlibCodec(zlib),
};
