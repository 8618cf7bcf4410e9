import { isToken } from "@barewire/http1";

/** Reads a Sec-WebSocket-Protocol field. Throws a `SyntaxError` for what is no list of tokens, or names one twice. */
function parse(header: string): Set<string> {
	const protocols = header.split(",").map((member) => member.replace(/^[\t ]+|[\t ]+$/g, ""));
	for (const [index, protocol] of protocols.entries()) {
		if (!isToken(protocol)) throw new SyntaxError(`Invalid Sec-WebSocket-Protocol header: ${header}`);
		if (protocols.indexOf(protocol) < index) throw new SyntaxError(`The "${protocol}" subprotocol is duplicated`);
	}
	return new Set(protocols);
}

export const subprotocol: { parse: typeof parse } = { parse };
