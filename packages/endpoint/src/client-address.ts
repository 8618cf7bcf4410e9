import { type FieldLine, fieldValue } from "@barewire/http1";
import { AddressRanges } from "./address-ranges.ts";
import { type ForwardingField, forwardingNodes } from "./forwarded.ts";
import { formatIp, parsePeer } from "./ip-address.ts";
import type { Address } from "./stream.ts";

/** Which proxies are believed, and where they tell whom they have a request from. */
export interface TrustedProxies {
	/**
	 * Addresses (`"192.0.2.1"`), ranges (`"10.0.0.0/8"`, `"fd00::/8"`) and names: `"loopback"`; `"private"`, those of RFC 1918 and
	 * RFC 4193; `"unix"`, who connects to a Unix domain socket.
	 */
	addresses: readonly string[];
	/** The field that all of them write. No other is read: a proxy passes on what the client has written there. */
	field: ForwardingField;
}

/** Tells whose requests they are. */
export class ClientAddresses {
	readonly #proxies: AddressRanges;
	readonly #field: ForwardingField | null;

	/** Without proxies, the client is the peer. */
	constructor(proxies: TrustedProxies | undefined) {
		this.#proxies = new AddressRanges(proxies?.addresses ?? []);
		this.#field = proxies?.field ?? null;
	}

	/** Whether what this peer says of its client is believed. */
	isProxy(peer: Address): boolean {
		if (this.#field === null) return false;
		return peer.transport === "unix" ? this.#proxies.hasUnix : this.isTrusted(peer.hostname);
	}

	/** Whether this is the address of a proxy that is believed. */
	isTrusted(address: string): boolean {
		const bytes = parsePeer(address);
		return bytes !== null && this.#proxies.has(bytes);
	}

	/** The address of the client whose request has come from this peer with these fields; "": it has none. */
	of(peer: Address, fields: readonly FieldLine[]): string {
		let client = peer.transport === "unix" ? "" : withoutMapping(peer.hostname);
		const value = this.#field === null ? null : fieldValue(fields, this.#field);
		if (value === null || this.#field === null || !this.isProxy(peer)) return client;
		for (const node of forwardingNodes(this.#field, value)) {
			if (node === null) break;
			client = formatIp(node);
			// This one may write what it likes of those before it.
			if (!this.#proxies.has(node)) break;
		}
		return client;
	}
}

/** The IPv4 address, where a socket that takes both has an IPv4-mapped one. */
function withoutMapping(hostname: string): string {
	const bytes = hostname.startsWith("::") ? parsePeer(hostname) : null;
	return bytes === null ? hostname : formatIp(bytes);
}
