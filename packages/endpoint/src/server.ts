import { UsageError } from "@barewire/errors";
import { Admission } from "./admission.ts";
import { Broadcast } from "./broadcast.ts";
import { type CloseOptions, closeTerms } from "./close-options.ts";
import { type ConnectionView, viewOf } from "./connection-view.ts";
import { Context } from "./context.ts";
import { Drain, type Drained } from "./drain.ts";
import { Driver } from "./driver.ts";
import type { GivenRequest } from "./given-request.ts";
import type { SocketHandlers } from "./handlers.ts";
import { HttpSession, type ServerShared } from "./http-session.ts";
import { requireMessage } from "./message-check.ts";
import type { LimitName } from "./observe.ts";
import { type Checks, checkOptions, DEFAULT_MAX_SERVER_BYTES, flag } from "./options.ts";
import { OtherServers } from "./other-servers.ts";
import { type Platform, webPlatform } from "./platform.ts";
import { type PublishOptions, publication, type SlowPolicy } from "./publish.ts";
import type { PartsServerOptions, ServerOptions } from "./server-options.ts";
import type { Socket } from "./socket.ts";
import { type ServerStats, statsOf } from "./stats.ts";
import type { Address, ByteStream, StreamEvents } from "./stream.ts";
import { requireTopic } from "./topics.ts";

/** A listening socket of an adapter. */
export interface Listener {
	readonly address: Address;
	/** Resolves when no connection waits to be accepted. Omitted: none can wait. */
	emptied?(): Promise<void>;
	/** Stops accepting; open connections continue. Resolves when the listening socket is closed. */
	close(): Promise<void>;
}

const COUNT_CHECKS: Checks = { everywhere: flag };

/** The event handlers of a stream that was dropped when it was accepted. */
const TURNED_AWAY: StreamEvents = { received() {}, ended() {}, drained() {}, closed() {} };

/** What taking over a connection of another process needs of a server. */
export interface ServerParts {
	readonly context: Context<unknown>;
	readonly admission: Admission;
	/** `close()` was called. */
	readonly isClosing: boolean;
}

export let partsOf: (server: Server<never, never>) => ServerParts;

/**
 * A running server: the result of `serve`. `Message` is the type of the messages of its sockets: whole messages, or
 * `IncomingMessage` with the option `receive: "parts"`.
 */
export class Server<Data = undefined, Message = string | Uint8Array<ArrayBuffer>> {
	/** What the server has and holds now. It is always the same object. */
	readonly stats: ServerStats;
	readonly #context: Context<Data>;
	readonly #shared: ServerShared<Data>;
	readonly #slow: SlowPolicy;
	/** null: there is no backplane. */
	readonly #others: OtherServers<Data> | null = null;
	#listener: Listener | null = null;

	static {
		partsOf = (server) => ({
			context: server.#context as unknown as Context<unknown>,
			admission: server.#shared.admission,
			isClosing: server.#context.drain !== null,
		});
	}

	/** Called by adapters; applications call `serve`. `options` must have passed `listenPlace` or `checkServerOptions`. */
	constructor(options: ServerOptions<Data> | PartsServerOptions<Data>, platform: Platform = webPlatform) {
		const { observe = null, limits } = options;
		const { maxServerBytes = DEFAULT_MAX_SERVER_BYTES } = limits ?? {};
		this.#context = new Context(platform, options, options as SocketHandlers<Data>, observe, maxServerBytes);
		this.stats = statsOf(this.#context);
		this.#context.server = this;
		this.#slow = options.slow ?? "wait";
		if (options.backplane !== undefined) {
			this.#others = new OtherServers(this.#context, options.backplane, options.gap, this.#slow);
			this.#context.topics.elsewhere = this.#others;
		}
		const admission = new Admission(options.limits, options.trustedProxies);
		this.#context.addresses = admission.addresses;
		this.#shared = { requests: options, origins: options.origins ?? "same-origin", admission };
	}

	/**
	 * For the adapter: takes an accepted stream. `given`: another HTTP server has read a request head from it, which is the
	 * first head of this stream. Then call `received` once with the bytes that the other server has read after the head, even
	 * if there are none: handling starts with this call.
	 */
	attach(stream: ByteStream, given: GivenRequest<Data> | null = null): StreamEvents {
		const limit = this.#shared.admission.streamAccepted(stream, this.#context.drivers.size);
		if (limit !== null) {
			given?.outcome?.refused(null, limit);
			return this.#turnAway(stream, limit);
		}
		const driver = new Driver(this.#context, stream);
		new HttpSession(this.#shared, driver, given);
		driver.observe((connection) => ({ type: "accepted", connection }));
		// A request that another server has read gets an answer.
		if (this.#context.drain?.accepted(driver) === false && given === null) driver.owner.terminate();
		return driver;
	}

	/** Drops the stream: no objects are created for it, and it is not read. */
	#turnAway(stream: ByteStream, limit: LimitName): StreamEvents {
		const context = this.#context;
		if (context.isObserved) {
			const client = this.#shared.admission.clients.of(stream.remote, []);
			context.observe({ type: "limit", limit, connection: null, client });
		}
		stream.destroy();
		return TURNED_AWAY;
	}

	/** For the adapter: sets the listener that accepts the streams. */
	listening(listener: Listener): this {
		this.#listener = listener;
		this.#others?.join();
		return this;
	}

	/** For the adapter: reports an error that belongs to no connection to the application. */
	report(error: unknown): void {
		this.#context.report(error, null);
	}

	/** Where the server listens. If the system chose the port, this has the chosen port. */
	get address(): Address {
		if (this.#listener === null) throw new UsageError("ERR_STATE", "the server does not listen yet");
		return this.#listener.address;
	}

	/** Every WebSocket from `open` to its end, including those that are closing. */
	get sockets(): ReadonlySet<Socket<Data, Message>> {
		// The cast is safe: the options decide the type of the messages, and their type matches.
		return this.#context.sockets as ReadonlySet<unknown> as ReadonlySet<Socket<Data, Message>>;
	}

	/** Every connected stream, of HTTP and of WebSocket. */
	get connections(): readonly ConnectionView[] {
		return [...this.#context.drivers].map(viewOf);
	}

	/**
	 * Sends a message to every socket that has subscribed to the topic, with a `backplane` also on the other servers. It is
	 * framed and compressed once for all sockets that can be sent the same bytes. The option `slow` decides what happens with
	 * subscribers that read too slowly. Returns the number of sockets of this server that it was sent to. Sockets for which
	 * the message waits count, also if it replaced an older one. Sockets that are closing, that `except` names, for which the
	 * message was dropped, or that were closed instead do not count. Throws a `UsageError` (ERR_MESSAGE_TYPE for a value that is not a message, ERR_OPTION).
	 */
	publish(topic: string, message: string | Uint8Array, options?: PublishOptions<Socket<Data, Message>>): number {
		requireMessage(message);
		const terms = publication(topic, options as PublishOptions | undefined, this.#slow);
		const subscribers = this.#context.topics.of(topic);
		const broadcast = new Broadcast(message, options?.compress === false);
		// First, because a subscriber that is too slow is observed at once, and the observer may publish.
		this.#others?.publish({
			topic,
			message,
			plain: broadcast.plain,
			slow: options?.slow ?? null,
			key: options?.key ?? null,
		});
		let count = 0;
		for (const subscriber of subscribers) if (subscriber.sendBroadcast(broadcast, terms)) count++;
		return count;
	}

	/** The number of sockets of this server that have subscribed to the topic. Throws a `UsageError` (ERR_OPTION). */
	subscriberCount(topic: string): number;
	/**
	 * With `everywhere`, the number on all servers that share the `backplane`: those that do not answer within a second are
	 * not counted.
	 */
	subscriberCount(topic: string, options: { readonly everywhere: true }): Promise<number>;
	subscriberCount(topic: string, options?: { readonly everywhere: boolean }): number | Promise<number>;
	subscriberCount(topic: string, options?: { readonly everywhere: boolean }): number | Promise<number> {
		requireTopic(topic);
		if (options !== undefined) checkOptions(options, COUNT_CHECKS);
		return options?.everywhere === true ? this.#countEverywhere(topic) : this.#context.topics.of(topic).size;
	}

	async #countEverywhere(topic: string): Promise<number> {
		const others = (await this.#others?.count(topic)) ?? 0;
		return others + this.#context.topics.of(topic).size;
	}

	/**
	 * Accepts the clients that are in the queue, then stops listening. Waits for running handlers and HTTP answers, and closes
	 * every WebSocket after the messages that its handler has sent: all at once, or over the time `spread`. At the deadline it
	 * cuts the remaining connections. A `for await` loop over a socket ends with the Close frame. If the promise of `open`
	 * waits for the loop, the Close frame is sent when the loop asks for its next message; otherwise at once. Resolves when
	 * every connection is gone and no handler runs, or at the deadline, to how many ended in which way. A second call waits
	 * for the first, and its deadline, if given, applies too. A handler that awaits `close()` waits for itself until the
	 * deadline.
	 */
	async close(options: CloseOptions = {}): Promise<Drained> {
		const terms = closeTerms(options);
		const context = this.#context;
		if (context.drain !== null) context.drain.hurry(options);
		context.drain ??= new Drain(context, this.#listener, terms);
		const drained = await context.drain.done;
		await this.#others?.leave();
		return drained;
	}
}
