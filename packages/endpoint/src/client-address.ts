import { type FieldLine, fieldValue } from "@barewire/http1";
import { AddressRanges } from "./address-ranges.ts";
import { type ForwardingField, forwardingNodes } from "./forwarded.ts";
import { formatIp, parsePeer } from "./ip-address.ts";
import type { Address } from "./stream.ts";

/** The trusted proxies, and the field in which they report the client of a request. */
export interface TrustedProxies {
	/**
	 * Addresses (`"192.0.2.1"`), ranges (`"10.0.0.0/8"`, `"fd00::/8"`) and names: `"loopback"`; `"private"`, the ranges of
	 * RFC 1918 and RFC 4193; `"unix"`, every peer that connects to a Unix domain socket.
	 */
	addresses: readonly string[];
	/** The field that all of them write. No other field is read, because a proxy forwards what the client has written there. */
	field: ForwardingField;
}

/** Finds the client of a request. */
export class ClientAddresses {
	readonly #proxies: AddressRanges;
	readonly #field: ForwardingField | null;

	/** Without proxies, the client is the peer. */
	constructor(proxies: TrustedProxies | undefined) {
		this.#proxies = new AddressRanges(proxies?.addresses ?? []);
		this.#field = proxies?.field ?? null;
	}

	/** Whether this peer is trusted to report its clients. */
	isProxy(peer: Address): boolean {
		if (this.#field === null) return false;
		return peer.transport === "unix" ? this.#proxies.hasUnix : this.isTrusted(peer.hostname);
	}

	/** Whether this is the address of a trusted proxy. */
	isTrusted(address: string): boolean {
		const bytes = parsePeer(address);
		return bytes !== null && this.#proxies.has(bytes);
	}

	/** The address of the client of a request that has come from this peer with these fields; "": it has none. */
	of(peer: Address, fields: readonly FieldLine[]): string {
		let client = peer.transport === "unix" ? "" : withoutMapping(peer.hostname);
		const value = this.#field === null ? null : fieldValue(fields, this.#field);
		if (value === null || this.#field === null || !this.isProxy(peer)) return client;
		for (const node of forwardingNodes(this.#field, value)) {
			if (node === null) break;
			client = formatIp(node);
			// This node is not trusted, so the nodes before it may be false.
			if (!this.#proxies.has(node)) break;
		}
		return client;
	}
}

/** Returns the IPv4 address if a dual-stack socket reports an IPv4-mapped one. */
function withoutMapping(hostname: string): string {
	const bytes = hostname.startsWith("::") ? parsePeer(hostname) : null;
	return bytes === null ? hostname : formatIp(bytes);
}
