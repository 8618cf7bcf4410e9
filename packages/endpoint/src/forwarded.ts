import { trimWhitespace } from "@barewire/http1";
import { type IpAddress, parseIp } from "./ip-address.ts";

/** The fields in which proxies report the client of a request. */
export type ForwardingField = "forwarded" | "x-forwarded-for";

/**
 * The nodes that a request has passed, the nearest first; null: a node without an address, or one with a syntax error. The
 * last entry was written last. It is parsed without reading what is left of it, which any client may have written.
 */
export function* forwardingNodes(field: ForwardingField, value: string): Generator<IpAddress | null, void> {
	if (field === "forwarded") {
		for (const pairs of elementsFromTheRight(value)) if (pairs.some((pair) => pair !== "")) yield nodeOf(pairs);
		return;
	}
	for (let end = value.length; end >= 0; ) {
		const comma = end === 0 ? -1 : value.lastIndexOf(",", end - 1);
		const text = trimWhitespace(value.slice(comma + 1, end));
		if (text !== "") yield nodeAddress(text);
		end = comma;
	}
}

// RFC 7239 §4: forwarded-element = [ forwarded-pair ] *( ";" [ forwarded-pair ] )
/** Yields each element of a Forwarded field as its pairs. A quoted string without an opening quote extends to the beginning. */
function* elementsFromTheRight(value: string): Generator<readonly string[], void> {
	let pairs: string[] = [];
	let end = value.length;
	for (let at = value.length - 1; at >= -1; at--) {
		const separator = at < 0 ? "," : value[at];
		if (separator === '"') at = openingQuote(value, at);
		if (separator !== "," && separator !== ";") continue;
		pairs.push(trimWhitespace(value.slice(at + 1, end)));
		end = at;
		if (separator === ";") continue;
		yield pairs;
		pairs = [];
	}
}

// RFC 9110 §5.6.4: inside a quoted-string, a backslash stands before each DQUOTE and before each backslash.
function openingQuote(value: string, closing: number): number {
	for (let at = closing - 1; at >= 0; at--) {
		if (value[at] !== '"') continue;
		let first = at;
		while (value[first - 1] === "\\") first--;
		if ((at - first) % 2 === 0) return at;
		at = first;
	}
	return 0;
}

// RFC 7239 §4: forwarded-pair = token "=" value, value = token / quoted-string. Some proxies write the `:` and the brackets of
// an address without quotes.
const PAIR = /^([!#$%&'*+.^_`|~\w-]+)=(?:"((?:[^"\\]|\\.)*)"|([^"\\\s]+))$/;

// RFC 7239 §4: "Each parameter MUST NOT occur more than once per field-value. The parameter names are case-insensitive."
function nodeOf(pairs: readonly string[]): IpAddress | null {
	let node: string | null = null;
	for (const pair of pairs) {
		if (pair === "") continue;
		const [, name, quoted, token] = PAIR.exec(pair) ?? [];
		if (name === undefined) return null;
		if (name.toLowerCase() !== "for") continue;
		if (node !== null) return null;
		node = quoted === undefined ? (token ?? "") : quoted.replace(/\\(.)/g, "$1");
	}
	return node === null ? null : nodeAddress(node);
}

// RFC 7239 §6: node = nodename [ ":" node-port ]; node-port = port / obfport. The other nodenames, "unknown" and obfnode, are
// not addresses.
const NODE = /^(?:\[([\da-f.]*:[\da-f:.]*)\]|([\d.]+))(?::(?:\d{1,5}|_[\w.-]+))?$/i;

/** X-Forwarded-For may also have IPv6 addresses without brackets. */
function nodeAddress(node: string): IpAddress | null {
	const [, ipv6, ipv4] = NODE.exec(node) ?? [];
	return parseIp(ipv6 ?? ipv4 ?? node);
}
