import { UsageError } from "@barewire/endpoint";
import {
	BACKPLANE_CHECKS,
	type Backplane,
	type BackplaneOptions,
	backplaneOver,
	type Checks,
	checkOptions,
} from "@barewire/endpoint/backplane";
import { createClient, type RedisClientOptions } from "@redis/client";
import { RedisCarrier } from "./carrier.ts";
import type { Client, DuplicableClient } from "./client.ts";

export interface RedisBackplaneOptions extends BackplaneOptions {
	/** The address of the server. Default "redis://127.0.0.1:6379". */
	readonly url?: string | undefined;
	/** More options of `createClient`, such as `username`, `password`, `socket` or `name`. */
	readonly options?: RedisClientOptions | undefined;
	/**
	 * A client of your own, of `redis` or `@redis/client`, in the place of `url` and `options`. The backplane takes a duplicate
	 * of it, so it need not be connected, and it stays as it is.
	 */
	readonly client?: DuplicableClient | undefined;
	/**
	 * The first part of the names of all channels: letters, digits, `-` and `_`, with colons between them. Servers with the
	 * same prefix share their topics. Default "barewire".
	 */
	readonly prefix?: string | undefined;
	/** Uses sharded channels: SSUBSCRIBE and SPUBLISH of Redis 7.0. All servers have to use the same kind. Default false. */
	readonly sharded?: boolean | undefined;
}

const PREFIX = /^[A-Za-z0-9_-]+(:[A-Za-z0-9_-]+)*$/;
const MAX_PREFIX_LENGTH = 100;

const CHECKS: Checks = {
	...BACKPLANE_CHECKS,
	url: (value) => (typeof value === "string" ? null : 'an address such as "redis://127.0.0.1:6379"'),
	options: (value) => (typeof value === "object" && value !== null ? null : "an object"),
	client: (value) => {
		const isClient = typeof value === "object" && value !== null && "duplicate" in value && "options" in value;
		return isClient ? null : "a client that createClient() of `redis` has made";
	},
	prefix: (value) => {
		const isPrefix = typeof value === "string" && value.length <= MAX_PREFIX_LENGTH && PREFIX.test(value);
		return isPrefix ? null : "1 to 100 letters, digits, - and _, with colons between them";
	},
	sharded: (value) => (typeof value === "boolean" ? null : "true or false"),
};

/**
 * Connects the topics of the servers that use the same Redis or Valkey, with its channels. Throws a `UsageError`
 * (ERR_OPTION) that names a wrong option.
 */
export function redisBackplane(options: RedisBackplaneOptions = {}): Backplane {
	checkOptions(options, CHECKS);
	const { url, options: more, client, prefix = "barewire", sharded = false, ...shared } = options;
	if (client !== undefined && (url !== undefined || more !== undefined)) {
		const message = "the option `client` takes the place of `url` and `options`: give one or the other";
		throw new UsageError("ERR_OPTION", message);
	}
	const given: RedisClientOptions = { ...(client?.options ?? more), ...(url === undefined ? null : { url }) };
	// The client writes into the options that it is given, so each gets its own.
	const make = (): Client => {
		const forced = forcedOptions(given.socket);
		return client === undefined ? createClient({ ...given, ...forced }) : client.duplicate(forced);
	};
	checkAddress(make);
	return backplaneOver(new RedisCarrier(make, prefix, sharded), shared);
}

/** What the carrier relies on. */
function forcedOptions(socket: RedisClientOptions["socket"]): RedisClientOptions {
	return {
		// With this version of the protocol, messages and answers come over one connection.
		RESP: 3,
		// What could not be sent is dropped: a backplane keeps it itself, or reports the loss.
		disableOfflineQueue: true,
		// The carrier makes another client after an interruption, so that nothing is left of the one before.
		socket: { ...socket, reconnectStrategy: false } as NonNullable<RedisClientOptions["socket"]>,
		// They would move the connection without a word to the carrier.
		maintNotifications: "disabled",
	};
}

/** Makes a client, which does not connect, for the errors that this throws. */
function checkAddress(make: () => Client): void {
	try {
		make();
	} catch (error) {
		// The message does not show the address, which may contain a password.
		const reason = error instanceof Error && !("input" in error) ? error.message : "the address is not a URL";
		throw new UsageError("ERR_OPTION", `the options are not those of a client of Redis: ${reason}`);
	}
}
