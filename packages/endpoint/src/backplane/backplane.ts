import type { Platform } from "../platform.ts";
import type { SlowPolicy } from "../publish.ts";

/** Whether other servers can be reached. `connecting`: not yet; `away`: not any more, and it is tried again. */
export type BackplaneStatus = "connecting" | "connected" | "away" | "closed";

/** Why messages may be missing. */
export type GapReason =
	/** This server's connection to the others was interrupted. */
	| "interrupted"
	/** The numbers of a publisher show that messages did not come. */
	| "missed"
	/** The heartbeats of another server have stopped: what it published last may be missing. */
	| "publisher-gone";

/** Messages of a topic that the subscribers on this server have missed, or may have missed. */
export interface Gap {
	readonly topic: string;
	readonly reason: GapReason;
	/** How many messages are missing; null: unknown, perhaps none. */
	readonly missed: number | null;
}

/** Why a message was not sent to other servers. */
export type BackplaneDropReason =
	/** The connection is away, and `whileAway` is "drop" or the buffer is full. */
	| "away"
	/** The broker takes less than what is published: `maxBufferedBytes` is reached. */
	| "full"
	/** The broker takes no message of this size. */
	| "too-large";

/** What happens on a backplane. */
export type BackplaneEvent =
	| { readonly type: "status"; readonly status: BackplaneStatus; readonly reason: unknown }
	| { readonly type: "gap"; readonly gap: Gap }
	| { readonly type: "dropped"; readonly topic: string; readonly reason: BackplaneDropReason }
	/**
	 * The broker has refused a subscription, which is tried again, or its client a message. `topic`: null for what belongs to
	 * no topic.
	 */
	| { readonly type: "failed"; readonly topic: string | null; readonly error: unknown };

/** A published message on its way between servers. `slow` and `key` have the meaning that they have in `PublishOptions`. */
export interface CarriedMessage {
	readonly topic: string;
	readonly message: string | Uint8Array;
	/** Extensions must not transform the message. */
	readonly plain: boolean;
	/** null: the default of the server that delivers the message. */
	readonly slow: SlowPolicy | null;
	/** null: the topic. */
	readonly key: string | null;
}

/** What a backplane needs of a server. */
export interface BackplaneServer {
	readonly platform: Platform;
	/** Delivers a message of another server to the subscribers here. */
	deliver(carried: CarriedMessage): void;
	/** The number of subscribers here. */
	subscriberCount(topic: string): number;
	/** Tells the application. */
	tell(event: BackplaneEvent): void;
}

/**
 * Connects the topics of several servers: `serve({ backplane })`. An application gets one from a package for a broker. It
 * may be given to several servers of one process, which then form one of its ends.
 *
 * - **At most once.** A message is delivered to a subscriber once, or not at all. A subscriber that has missed messages is
 *   told by a `gap`. This holds from the time when the promise of `socket.subscribe` has resolved.
 * - **Order.** The messages of one server on one topic come in the order in which they were published.
 * - **The local server first.** Its own subscribers get a message at once, whatever the state of the connection is.
 */
export interface Backplane {
	readonly status: BackplaneStatus;
	/** What the backplane has and has counted. */
	readonly stats: BackplaneStats;
	/** For `serve`: adds a server. The first one starts the connection. */
	join(server: BackplaneServer): BackplaneMember;
	/**
	 * Disconnects. The servers go on alone. It is called when the last server that uses the backplane has closed. Never
	 * rejects.
	 */
	close(): Promise<void>;
}

/** A server's part in a backplane. No method throws because of a broker. */
export interface BackplaneMember {
	/** Sends a message to the other servers. The payload is copied. */
	publish(carried: CarriedMessage): void;
	/** The topic has its first subscriber here. Resolves when the guarantee begins. Never rejects. */
	subscribe(topic: string): Promise<void>;
	/** The topic has no subscriber here any more. */
	unsubscribe(topic: string): void;
	/** The number of subscribers on the other servers, as far as they answer within a second. Never rejects. */
	countOthers(topic: string): Promise<number>;
	/** The server has closed. */
	leave(): Promise<void>;
}

/** What a backplane has and has counted. */
export interface BackplaneStats {
	/** Other servers whose heartbeats come. */
	readonly peers: number;
	/** Topics that are subscribed at the broker. */
	readonly topics: number;
	/** Bytes that wait to be sent. */
	readonly bufferedAmount: number;
	/** Messages that were sent to other servers. */
	readonly sent: number;
	/** Messages of other servers that were delivered here. */
	readonly received: number;
	/** Published messages that were not sent: see `BackplaneDropReason`. */
	readonly dropped: number;
	/** Messages that came in a form that this version does not know, or that are broken. */
	readonly unknown: number;
	/** `gap` events. */
	readonly gaps: number;
}
