import type { PerMessageDeflateOptions } from "ws";
import type { DeflateParameters } from "../exchange/deflate.ts";

/** What ws calls them. */
export function wsDeflate(deflate: DeflateParameters): PerMessageDeflateOptions {
	const { serverMaxWindowBits, clientMaxWindowBits } = deflate;
	return {
		// `false` would keep the other end from asking.
		...(deflate.serverNoContextTakeover ? { serverNoContextTakeover: true } : null),
		...(deflate.clientNoContextTakeover ? { clientNoContextTakeover: true } : null),
		...(serverMaxWindowBits === null ? null : { serverMaxWindowBits }),
		...(clientMaxWindowBits === null ? null : { clientMaxWindowBits }),
		threshold: 0,
	};
}

/** The names in `socket.extensions`. */
export function wsExtensions(extensions: string): string[] {
	return extensions === "" ? [] : extensions.split(",");
}
