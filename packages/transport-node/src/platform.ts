import * as zlib from "node:zlib";
import { type Platform, webPlatform } from "@barewire/endpoint";
import { hastenedCodec } from "@barewire/endpoint/v8";
import { zlibCodec } from "@barewire/permessage-deflate/zlib";

/** The web's, and Node's own zlib. */
export const platform: Platform = {
	...webPlatform,
	decodedCodings: ["gzip", "deflate", "br"],
	codec: () => hastenedCodec(zlibCodec(zlib)),
};
