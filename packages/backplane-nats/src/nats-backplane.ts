import { UsageError } from "@barewire/endpoint";
import {
	BACKPLANE_CHECKS,
	type Backplane,
	type BackplaneOptions,
	backplaneOver,
	type Checks,
	checkOptions,
} from "@barewire/endpoint/backplane";
import { connect, type NatsConnection, type NodeConnectionOptions } from "@nats-io/transport-node";
import { NatsCarrier } from "./carrier.ts";

export interface NatsBackplaneOptions extends BackplaneOptions {
	/** The address of the server, or those of several servers of one cluster. Default "127.0.0.1:4222". */
	readonly servers?: string | readonly string[] | undefined;
	/** More options of the client, such as `user`, `authenticator` or `tls`. `noEcho` is always set. */
	readonly client?: Omit<NodeConnectionOptions, "servers" | "port" | "noEcho" | "waitOnFirstConnect"> | undefined;
	/**
	 * A connection of your own, in the place of `servers` and `client`. The backplane does not close it, and makes no other one
	 * when it closes.
	 */
	readonly connection?: NatsConnection | undefined;
	/**
	 * The first part of all subjects: tokens of letters, digits, `-` and `_`, with dots between them. Servers with the same
	 * prefix share their topics. Default "barewire".
	 */
	readonly prefix?: string | undefined;
}

const PREFIX = /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/;
const MAX_PREFIX_LENGTH = 100;

const CHECKS: Checks = {
	...BACKPLANE_CHECKS,
	servers: (value) => {
		const isList = Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === "string");
		return typeof value === "string" || isList ? null : "an address, or an array of addresses";
	},
	client: (value) => (typeof value === "object" && value !== null ? null : "an object"),
	connection: (value) => {
		const isConnection = typeof value === "object" && value !== null && "flush" in value && "status" in value;
		return isConnection ? null : "a connection of @nats-io/nats-core";
	},
	prefix: (value) => {
		const isPrefix = typeof value === "string" && value.length <= MAX_PREFIX_LENGTH && PREFIX.test(value);
		return isPrefix ? null : "1 to 100 letters, digits, - and _, with dots between them";
	},
};

/**
 * Connects the topics of the servers that use the same NATS, with subjects of core NATS. Throws a `UsageError` (ERR_OPTION)
 * that names a wrong option.
 */
export function natsBackplane(options: NatsBackplaneOptions = {}): Backplane {
	checkOptions(options, CHECKS);
	const { servers, client, connection, prefix = "barewire", ...shared } = options;
	if (connection !== undefined && (servers !== undefined || client !== undefined)) {
		const message = "the option `connection` takes the place of `servers` and `client`: give one or the other";
		throw new UsageError("ERR_OPTION", message);
	}
	const source = connection ?? (() => connect(connectionOptions(servers, client)));
	return backplaneOver(new NatsCarrier(source, prefix), shared);
}

function connectionOptions(
	servers: NatsBackplaneOptions["servers"],
	client: NatsBackplaneOptions["client"],
): NodeConnectionOptions {
	return {
		// By default the client gives up after ten attempts, waits for nearly the same time on all servers, and needs minutes to
		// notice that a server does not answer.
		maxReconnectAttempts: -1,
		reconnectTimeWait: 500,
		reconnectJitter: 1000,
		reconnectJitterTLS: 1000,
		pingInterval: 15_000,
		...client,
		...(servers === undefined ? null : { servers: typeof servers === "string" ? servers : [...servers] }),
		noEcho: true,
		// The carrier tries again itself, and reports each failure.
		waitOnFirstConnect: false,
	};
}
