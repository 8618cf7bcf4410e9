import { UsageError } from "@barewire/errors";
import { maySendCloseCode } from "@barewire/framing";
import { Admission } from "./admission.ts";
import { Broadcast } from "./broadcast.ts";
import { type ConnectionView, viewOf } from "./connection-view.ts";
import { Context } from "./context.ts";
import { Driver } from "./driver.ts";
import type { GivenRequest } from "./given-request.ts";
import type { SocketHandlers } from "./handlers.ts";
import { HttpSession, type ServerShared } from "./http-session.ts";
import { requireMessage } from "./message-check.ts";
import type { LimitName } from "./observe.ts";
import { type Checks, checkOptions, DEFAULT_MAX_SERVER_BYTES } from "./options.ts";
import { type Platform, webPlatform } from "./platform.ts";
import { type PublishOptions, publication, type SlowPolicy } from "./publish.ts";
import type { PartsServerOptions, ServerOptions } from "./server-options.ts";
import type { Socket } from "./socket.ts";
import { type ServerStats, statsOf } from "./stats.ts";
import type { Address, ByteStream, StreamEvents } from "./stream.ts";

/** A listening socket, as an adapter shows it. */
export interface Listener {
	readonly address: Address;
	/** Stops accepting; connections live on. Resolves when the socket is closed. */
	close(): Promise<void>;
}

/** How `server.close()` goes about it. */
export interface CloseOptions {
	/** The close code that every peer gets. Default 1001, "going away". */
	code?: number | undefined;
	reason?: string | undefined;
	/** Milliseconds until whoever is still there is cut off; 0: at once. Default 10,000. */
	deadline?: number | undefined;
}

const CLOSE_CHECKS: Checks = {
	code: (value) =>
		typeof value === "number" && maySendCloseCode(value) ? null : "a close code that may be sent, such as 1001 or 4000",
	reason: (value) =>
		typeof value === "string" && new TextEncoder().encode(value).length <= 123
			? null
			: "a string of at most 123 bytes in UTF-8",
	deadline: (value) =>
		typeof value === "number" && value >= 0 ? null : "a number of milliseconds from 0 on, or Infinity",
};

/** The events of a stream that was dropped when it was accepted. */
const TURNED_AWAY: StreamEvents = { received() {}, ended() {}, drained() {}, closed() {} };

/**
 * A running server: what `serve` resolves to. `Message` is what its sockets give: whole messages, or `IncomingMessage` with the
 * option `receive: "parts"`.
 */
export class Server<Data = undefined, Message = string | Uint8Array<ArrayBuffer>> {
	/** What the server has and holds now. Always the same object. */
	readonly stats: ServerStats;
	readonly #context: Context<Data>;
	readonly #shared: ServerShared<Data>;
	readonly #slow: SlowPolicy;
	#listener: Listener | null = null;
	#closed: Promise<void> | null = null;
	/** Cancel the deadlines of `close()`; null: it is over. */
	#deadlines: (() => void)[] | null = [];

	/** Adapters make servers; applications call `serve`. `options` must have passed `listenPlace` or `checkServerOptions`. */
	constructor(options: ServerOptions<Data> | PartsServerOptions<Data>, platform: Platform = webPlatform) {
		const { observe = null, limits } = options;
		const { maxServerBytes = DEFAULT_MAX_SERVER_BYTES } = limits ?? {};
		this.#context = new Context(platform, options, options as SocketHandlers<Data>, observe, maxServerBytes);
		this.stats = statsOf(this.#context);
		this.#context.server = this;
		this.#slow = options.slow ?? "wait";
		const admission = new Admission(options.limits, options.trustedProxies);
		this.#context.addresses = admission.addresses;
		this.#shared = { requests: options, origins: options.origins ?? "same-origin", admission, closing: false };
	}

	/**
	 * For the adapter: takes a stream that was accepted. `given`: another HTTP server has read a head on it, which counts as this stream's
	 * first. Then call `received` once with what that server has read behind the head, also where that is nothing: it begins with it.
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
		// A client that has asked already gets its answer.
		if (this.#shared.closing && given === null) driver.owner.terminate();
		return driver;
	}

	/** Nothing is made for this stream, nor read of it. */
	#turnAway(stream: ByteStream, limit: LimitName): StreamEvents {
		const context = this.#context;
		if (context.isObserved) {
			const client = this.#shared.admission.clients.of(stream.remote, []);
			context.observe({ type: "limit", limit, connection: null, client });
		}
		stream.destroy();
		return TURNED_AWAY;
	}

	/** For the adapter: what accepts the streams. */
	listening(listener: Listener): this {
		this.#listener = listener;
		return this;
	}

	/** For the adapter: tells the application of an error that is no connection's. */
	report(error: unknown): void {
		this.#context.report(error, null);
	}

	/** Where the server listens: the port that the system chose, if it was asked to. */
	get address(): Address {
		if (this.#listener === null) throw new UsageError("ERR_STATE", "the server does not listen yet");
		return this.#listener.address;
	}

	/** Every WebSocket, from `open` to its end: those that are closing too. */
	get sockets(): ReadonlySet<Socket<Data, Message>> {
		// The options say which messages there are: their type and this one agree.
		return this.#context.sockets as ReadonlySet<unknown> as ReadonlySet<Socket<Data, Message>>;
	}

	/** Every connected stream, HTTP and WebSocket alike. */
	get connections(): readonly ConnectionView[] {
		return [...this.#context.drivers].map(viewOf);
	}

	/**
	 * Sends a message to every socket that has subscribed to the topic. It is framed once for all, and compressed once for all
	 * who can be sent the same. What happens to those that read too slowly, `slow` says. Returns how many it was sent to: those for which it
	 * waits too, also in the place of an older one; not those that are closing, that `except` names, for which it was dropped, or that were
	 * closed instead. Throws a `UsageError` (ERR_MESSAGE_TYPE for what is no message, ERR_OPTION).
	 */
	publish(topic: string, message: string | Uint8Array, options?: PublishOptions<Socket<Data, Message>>): number {
		requireMessage(message);
		const terms = publication(topic, options as PublishOptions | undefined, this.#slow);
		const subscribers = this.#context.topics.of(topic);
		const broadcast = new Broadcast(message, options?.compress === false);
		let count = 0;
		for (const subscriber of subscribers) if (subscriber.sendBroadcast(broadcast, terms)) count++;
		return count;
	}

	/**
	 * Stops accepting, lets the handlers and HTTP answers under way end, closes every WebSocket behind what its handler sent, and
	 * cuts off whoever is left at the deadline. A `for await` loop over a socket ends with the Close frame. Where `open`'s promise
	 * waits for the loop, it leaves when the loop asks for its next message; otherwise at once. Resolves when everybody is gone and no
	 * handler runs, or at the deadline. A second call waits for the first, and its deadline counts too, if it has one. A handler that
	 * awaits it waits for itself, until the deadline.
	 */
	async close(options: CloseOptions = {}): Promise<void> {
		checkOptions(options, CLOSE_CHECKS);
		if (this.#closed !== null) this.#cutAfter(options.deadline ?? Number.POSITIVE_INFINITY);
		this.#closed ??= this.#close(options);
		return this.#closed;
	}

	async #close({ code = 1001, reason = "", deadline = 10_000 }: CloseOptions): Promise<void> {
		const context = this.#context;
		this.#shared.closing = true;
		const listenerClosed = this.#listener?.close();
		// A handler that calls this before its first `await` has returned its promise by then: what it sends goes before the Close frame.
		await null;
		for (const { owner } of [...context.drivers]) owner.shutDown(code, reason);
		this.#cutAfter(deadline);
		await context.whenAllGone();
		for (const cancel of this.#deadlines ?? []) cancel();
		this.#deadlines = null;
		await listenerClosed;
	}

	/** Cuts off whoever is left then. */
	#cutAfter(deadline: number): void {
		if (deadline === Number.POSITIVE_INFINITY || this.#deadlines === null) return;
		const context = this.#context;
		const cancel = context.platform.setTimer(() => {
			for (const { owner } of [...context.drivers]) owner.terminate();
			context.abandonHandlers();
		}, deadline);
		this.#deadlines.push(cancel);
	}
}
