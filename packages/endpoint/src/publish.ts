import { UsageError } from "@barewire/errors";
import { type Checks, checkOptions, flag, SERVER_CHECKS } from "./options.ts";
import { type SendOptions, Socket } from "./socket.ts";
import { requireTopic } from "./topics.ts";

/** What a server does about a subscriber that takes its messages more slowly than they come. */
export type SlowPolicy = "wait" | "drop" | "latest" | "disconnect";

/** How one message is published. `Except`: the type of the server's sockets. */
export interface PublishOptions<Except = Socket<unknown, unknown>> extends SendOptions {
	/**
	 * What happens with a slow subscriber: more than `limits.highWaterMark` waits for it, and the system takes no more.
	 * `"wait"`: the message waits as well. `"drop"`: the message is not sent to this subscriber. `"latest"`: the message
	 * replaces a waiting one with the same `key`, also below that mark. `"disconnect"`: the subscriber is closed with 1013;
	 * `"wait"` and `"latest"` do this only above `limits.maxBufferedBytes`. Default: the option `slow` of `serve`.
	 */
	readonly slow?: SlowPolicy | undefined;
	/**
	 * For `"latest"`: names the value that the message updates. The same name means the same value in every topic. Default:
	 * the topic.
	 */
	readonly key?: string | undefined;
	/** Subscribers that do not get the message: one socket or several. */
	readonly except?: Except | Iterable<Except> | undefined;
}

/** Which subscribers receive a message, and what is done about slow ones. */
export interface Publication {
	readonly topic: string;
	readonly slow: SlowPolicy;
	readonly key: string;
	readonly except: ReadonlySet<unknown> | null;
}

const CHECKS: Checks = {
	slow: SERVER_CHECKS.slow,
	key: (value) => (typeof value === "string" ? null : "a string"),
	except: (value) => (isExcept(value) ? null : "a socket, or an array or Set of sockets"),
	compress: flag,
};

/** Returns the options with the defaults filled in. Throws a `UsageError` (ERR_OPTION) that names the wrong option. */
export function publication(topic: string, options: PublishOptions | undefined, byDefault: SlowPolicy): Publication {
	requireTopic(topic);
	if (options === undefined) return { topic, slow: byDefault, key: topic, except: null };
	checkOptions(options, CHECKS);
	const { slow = byDefault, key = topic, except } = options;
	return { topic, slow, key, except: except === undefined ? null : exceptSet(except) };
}

function isExcept(value: unknown): value is object {
	return value instanceof Socket || typeof (value as Iterable<unknown> | null)?.[Symbol.iterator] === "function";
}

function exceptSet(except: NonNullable<PublishOptions["except"]>): ReadonlySet<unknown> {
	const sockets: ReadonlySet<unknown> = new Set(except instanceof Socket ? [except] : except);
	for (const socket of sockets) {
		if (socket instanceof Socket) continue;
		throw new UsageError("ERR_OPTION", "each of the option `except` must be a socket");
	}
	return sockets;
}
