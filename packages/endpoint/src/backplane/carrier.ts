/**
 * Moves bytes between the backplanes of several servers: what a package for a broker has to implement. `backplaneOver` makes
 * a `Backplane` of it, and does everything else: which topics are subscribed, numbers, heartbeats, gaps, the bounded buffer
 * while the carrier is away.
 *
 * A message travels on a **channel**. Its name is ASCII: letters, digits, `-`, `_` and `=`, at most 200 characters, and it
 * is compared with upper and lower case. No other character occurs, so no name is a wildcard or has parts. A carrier
 * should put a prefix in front of it, so that several applications can share a broker.
 *
 * **What may be lost.** Any message may be lost, at any time, also while the carrier is connected: delivery is at most once.
 * The backplanes notice it. A carrier does not repeat a message: if it can't tell whether a message has arrived, it drops it.
 *
 * **Order.** Messages of one carrier on one channel arrive in the order of their `publish` calls. There is no order between
 * channels, or between messages of different carriers.
 *
 * **Echo.** A carrier may deliver its own messages to itself. The backplane drops them.
 *
 * **Errors.** `open`, `publish` and `unsubscribe` don't throw because of the broker. A carrier that can't connect tries
 * again by itself, with growing and random delays, until `close`.
 */
export interface Carrier {
	/**
	 * Begins to connect. Called once, before every other method. It returns at once; the result comes through `events`,
	 * which a carrier may also call before `open` returns.
	 */
	open(events: CarrierEvents): void;
	/**
	 * The largest message in bytes that `publish` takes: at least 64 KiB, or Infinity for any size. It may change with the
	 * connection.
	 */
	readonly maxMessageSize: number;
	/**
	 * Bytes that `publish` was given and that the broker, or the system, has not taken yet. The backplane calls `publish` only
	 * while this is below its own limit, so a carrier needs no limit of its own. 0 after `disconnected`.
	 */
	readonly bufferedAmount: number;
	/**
	 * Sends a message to every carrier that is subscribed to the channel. Called only between `connected` and `disconnected`.
	 * The bytes belong to the carrier from now on: nobody writes to them.
	 */
	publish(channel: string, bytes: Uint8Array<ArrayBuffer>): void;
	/**
	 * Subscribes to a channel. Called only between `connected` and `disconnected`, and not again for a channel before
	 * `unsubscribe` or `disconnected`. Resolves when every message that is published from now on, by any carrier, is sent
	 * here: a broker has confirmed it. Rejects if the connection ends before that, or if the broker refuses it; the backplane
	 * then tries again later. Several calls may be pending: a carrier may send them together.
	 */
	subscribe(channel: string): Promise<void>;
	/**
	 * Ends a subscription, also one that is not confirmed yet. Messages that are on their way may still come. Does nothing for
	 * a channel that is not subscribed.
	 */
	unsubscribe(channel: string): void;
	/**
	 * Sends what was published, for at most the time that this takes with a healthy broker, and disconnects. No event comes
	 * after the call. A client that the application has made, and has given to the carrier, stays open. Never rejects.
	 */
	close(): Promise<void>;
}

/** What a carrier reports to its backplane. None of these throws. */
export interface CarrierEvents {
	/**
	 * The carrier is connected: first, or again after `disconnected`. It has no subscriptions: the backplane subscribes anew.
	 * A client that restores its subscriptions by itself may keep them; then `subscribe` only confirms that they hold again.
	 */
	connected(): void;
	/**
	 * The connection is lost, or could not be made. What was published and not sent is dropped, and messages may be missing
	 * until the next `connected`. A second call before that is ignored.
	 */
	disconnected(reason: unknown): void;
	/** A message came. The bytes belong to the backplane from now on. */
	received(channel: string, bytes: Uint8Array): void;
}
