import type { FieldLine } from "@barewire/http1";
import { AddressTable } from "./address-table.ts";
import { ClientAddresses, type TrustedProxies } from "./client-address.ts";
import { HandshakeRate } from "./handshake-rate.ts";
import { networkOf } from "./ip-address.ts";
import type { LimitName } from "./observe.ts";
import type { Platform } from "./platform.ts";
import type { Some } from "./some.ts";
import type { ByteStream } from "./stream.ts";

/** How many connections and opening handshakes a server accepts. */
export interface AdmissionLimits {
	/** Connected streams, of HTTP and of WebSocket. A further one is dropped at once. Default Infinity. */
	readonly maxConnections: number;
	/**
	 * Connected streams of one address, or of one /64 of IPv6. A further one is dropped at once. Behind a trusted proxy:
	 * WebSockets, and requests under way, of one client. A further one gets 429. Default Infinity.
	 */
	readonly maxConnectionsPerAddress: number;
	/** Opening handshakes that `upgrade` has not answered yet. A further one gets 503. Default 4096. */
	readonly maxPendingUpgrades: number;
	/** Opening handshakes per second, and in one burst. A further one gets 503. Default Infinity. */
	readonly maxHandshakesPerSecond: number;
}

export const DEFAULT_ADMISSION_LIMITS: AdmissionLimits = {
	maxConnections: Number.POSITIVE_INFINITY,
	maxConnectionsPerAddress: Number.POSITIVE_INFINITY,
	maxPendingUpgrades: 4096,
	maxHandshakesPerSecond: Number.POSITIVE_INFINITY,
};

/** Decides which clients a server admits. The methods return the limit that was reached, or null. */
export class Admission {
	readonly clients: ClientAddresses;
	/** null: there is no limit per address. */
	readonly addresses: AddressTable | null;
	readonly #maxConnections: number;
	readonly #maxPendingUpgrades: number;
	/** null: there is no limit, and the time is not read. */
	readonly #rate: HandshakeRate | null;
	#pendingUpgrades: number = 0;

	/** The options must have been checked. */
	constructor(limits: Some<AdmissionLimits> = {}, proxies?: TrustedProxies | undefined) {
		const limit = (name: keyof AdmissionLimits): number => limits[name] ?? DEFAULT_ADMISSION_LIMITS[name];
		const perAddress = limit("maxConnectionsPerAddress");
		const perSecond = limit("maxHandshakesPerSecond");
		this.clients = new ClientAddresses(proxies);
		this.addresses = perAddress === Number.POSITIVE_INFINITY ? null : new AddressTable(perAddress);
		this.#rate = perSecond === Number.POSITIVE_INFINITY ? null : new HandshakeRate(perSecond);
		this.#maxConnections = limit("maxConnections");
		this.#maxPendingUpgrades = limit("maxPendingUpgrades");
	}

	/** A stream was accepted. `connected`: the number of other connected streams. */
	streamAccepted(stream: ByteStream, connected: number): LimitName | null {
		if (connected >= this.#maxConnections) return "maxConnections";
		if (this.addresses === null) return null;
		const { remote } = stream;
		// Behind a proxy, each request has its own client.
		if (remote.transport === "unix" || this.clients.isProxy(remote)) return null;
		return this.#enter(this.addresses, stream, remote.hostname);
	}

	/** The head of a request has come. */
	requestReceived(stream: ByteStream, fields: readonly FieldLine[]): LimitName | null {
		const { addresses, clients } = this;
		if (addresses === null || !clients.isProxy(stream.remote)) return null;
		const client = clients.of(stream.remote, fields);
		// The proxy sends its own request, or does not report the client.
		if (clients.isTrusted(client)) return null;
		return this.#enter(addresses, stream, client);
	}

	/** A request was answered: the next one may come from another client. */
	requestAnswered(stream: ByteStream): void {
		if (this.addresses !== null && this.clients.isProxy(stream.remote)) this.addresses.leave(stream);
	}

	/** An opening handshake has come. */
	handshakeReceived(clock: Pick<Platform, "now">): LimitName | null {
		if (this.#pendingUpgrades >= this.#maxPendingUpgrades) return "maxPendingUpgrades";
		return this.#rate === null || this.#rate.take(clock.now()) ? null : "maxHandshakesPerSecond";
	}

	/** `upgrade` is called. */
	upgradeBegun(): void {
		this.#pendingUpgrades++;
	}

	/** `upgrade` has returned or thrown, or its promise has settled. */
	upgradeOver(): void {
		this.#pendingUpgrades--;
	}

	/** A client without an address is not counted. */
	#enter(addresses: AddressTable, stream: ByteStream, client: string): LimitName | null {
		return client === "" || addresses.enter(stream, networkOf(client)) ? null : "maxConnectionsPerAddress";
	}
}
