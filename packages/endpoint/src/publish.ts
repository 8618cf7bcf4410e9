import { UsageError } from "@barewire/errors";
import { type Checks, checkOptions, flag, SERVER_CHECKS } from "./options.ts";
import { type SendOptions, Socket } from "./socket.ts";
import { requireTopic } from "./topics.ts";

/** What a server does about a subscriber that takes its messages slower than they come. */
export type SlowPolicy = "wait" | "drop" | "latest" | "disconnect";

/** How one message is published. `Except`: the server's sockets. */
export interface PublishOptions<Except = Socket<unknown, unknown>> extends SendOptions {
	/**
	 * What happens with a subscriber that is slow: more than `limits.highWaterMark` waits for it, and the system takes no more. `"wait"`: the
	 * message waits as well. `"drop"`: it is not sent to that one. `"latest"`: it waits instead of the one of its `key` that has waited until
	 * now, also below that mark. `"disconnect"`: the subscriber is closed with 1013, as it is with the others above `limits.maxBufferedBytes`.
	 * Default: the option `slow` of `serve`.
	 */
	readonly slow?: SlowPolicy | undefined;
	/** What the message is the newest value of, for `"latest"`: the same name means the same whatever the topic. Default: the topic. */
	readonly key?: string | undefined;
	/** Who does not get it, although subscribed: a socket or several. */
	readonly except?: Except | Iterable<Except> | undefined;
}

/** To whom a message is published, and what is done about those that are slow. */
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

/** The options, with the defaults filled in. Throws a `UsageError` (ERR_OPTION) that names what is wrong. */
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
