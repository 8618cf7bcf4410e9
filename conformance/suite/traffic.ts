import type { Role } from "@barewire/framing";
import { RawDeflater } from "./raw-deflate.ts";
import { RawInflater } from "./raw-inflate.ts";

/**
 * How the messages of a case travel: without compression; with permessage-deflate (RFC 7692) agreed on, and the peer's
 * messages as they are, which is legal; with it agreed on, and the peer's messages compressed.
 */
export type Traffic = "plain" | "agreed" | "compressed";

export const TRAFFICS: readonly Traffic[] = ["plain", "agreed", "compressed"];

/** What a family is called when its cases have that traffic. */
export function familyWith(name: string, traffic: Traffic): string {
	if (traffic === "plain") return name;
	return traffic === "agreed" ? `${name}, compression agreed on` : `${name}, compressed`;
}

/** Has an endpoint compress every message that is not empty, so that small ones will do. */
export const COMPRESS_ALL = { threshold: 0 };

/** What a raw peer says of compression in its handshake. */
export interface PeerTerms {
	/** It does not take its own context over; the endpoint is not to take its context over. RFC 7692 §7.1.1. */
	readonly noContextTakeover?: boolean;
	readonly endpointNoContextTakeover?: boolean;
	/** Its own window, and the endpoint's. RFC 7692 §7.1.2. */
	readonly windowBits?: number;
	readonly endpointWindowBits?: number;
}

/** Our servers tell their clients to use this window, where they can be told. */
const TOLD_WINDOW_BITS = 12;

/** What a peer's Sec-WebSocket-Extensions says: the offer to our server, or the answer to our client's. */
export function extensionFor(role: Role, terms: PeerTerms): string {
	const [peer, endpoint] = role === "server" ? ["client", "server"] : ["server", "client"];
	const params = ["permessage-deflate"];
	if (terms.noContextTakeover) params.push(`${peer}_no_context_takeover`);
	if (terms.endpointNoContextTakeover) params.push(`${endpoint}_no_context_takeover`);
	// As browsers do: RFC 7692 §7.1.2.2 lets a client offer it without a value.
	if (terms.windowBits === undefined && role === "server") params.push("client_max_window_bits");
	if (terms.windowBits !== undefined) params.push(`${peer}_max_window_bits=${terms.windowBits}`);
	if (terms.endpointWindowBits !== undefined) params.push(`${endpoint}_max_window_bits=${terms.endpointWindowBits}`);
	return params.join("; ");
}

/** What the peer compresses with. */
export function deflaterFor(terms: PeerTerms): RawDeflater {
	return new RawDeflater(Math.min(terms.windowBits ?? TOLD_WINDOW_BITS, TOLD_WINDOW_BITS), !terms.noContextTakeover);
}

/** The extensions in a handshake's head, or "". */
export function extensionsIn(head: string): string {
	return /^sec-websocket-extensions:[ \t]*(.*?)[ \t]*\r$/im.exec(head)?.[1] ?? "";
}

/** What undoes the compression of an endpoint in that role, as request and response agreed on it; null: there is none. */
export function agreedInflater(role: Role, request: string, response: string): RawInflater | null {
	const agreed = extensionsIn(response);
	if (agreed === "") return null;
	// RFC 7692 §7.1.2.2: a client that names its window keeps to it, also where the answer has no word of it.
	const said = role === "server" ? agreed : `${agreed}; ${extensionsIn(request)}`;
	const bits = new RegExp(`${role}_max_window_bits=(\\d+)`).exec(said)?.[1];
	return new RawInflater(Number(bits ?? 15), !agreed.includes(`${role}_no_context_takeover`));
}
