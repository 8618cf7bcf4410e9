import type { CompressionOptions } from "@barewire/endpoint";
import type { DeflateParameters } from "../exchange/deflate.ts";
import type { Role } from "../runtimes.ts";

/** The option `compression` by which our end asks for this, and compresses short messages too. */
export function ourDeflate(deflate: DeflateParameters, role: Role): CompressionOptions {
	const server = { takeover: !deflate.serverNoContextTakeover, bits: deflate.serverMaxWindowBits };
	const client = { takeover: !deflate.clientNoContextTakeover, bits: deflate.clientMaxWindowBits };
	const [own, peer] = role === "server" ? [server, client] : [client, server];
	return {
		threshold: 0,
		contextTakeover: own.takeover,
		peerContextTakeover: peer.takeover,
		...(own.bits === null ? null : { windowBits: own.bits }),
		...(peer.bits === null ? null : { peerWindowBits: peer.bits }),
	};
}
