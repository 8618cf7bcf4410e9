import type { ConnectionSettings } from "@barewire/connection";
import type { AddressTable } from "./address-table.ts";
import type { Broadcast } from "./broadcast.ts";
import { Deadlines } from "./deadlines.ts";
import type { Drain } from "./drain.ts";
import type { Driver } from "./driver.ts";
import type { SocketHandlers } from "./handlers.ts";
import type { Observe, Observed } from "./observe.ts";
import { settle } from "./options.ts";
import type { Platform } from "./platform.ts";
import type { Publication } from "./publish.ts";
import { ServerBudget } from "./server-budget.ts";
import type { Socket } from "./socket.ts";
import { Topics } from "./topics.ts";
import { type Turn, turnOf } from "./turn.ts";

/** Something with output that waits for the end of the turn. */
export interface Flushable {
	flush(): void;
}

/** A session that can subscribe to topics. */
export interface Subscriber {
	/**
	 * Sends the message, in a frame that is shared by several connections if possible. false: the message was not sent to
	 * this subscriber.
	 */
	sendBroadcast(broadcast: Broadcast, publication: Publication): boolean;
}

/** What all sessions of one endpoint share. */
export class Context<Data> {
	readonly platform: Platform;
	readonly settings: ConnectionSettings;
	readonly handlers: SocketHandlers<Data>;
	/** Bytes of waiting output above which `send` returns false. */
	readonly highWaterMark: number;
	/** Milliseconds in which a peer must take some of the output that waits for it. */
	readonly stallTime: number;
	readonly deadlines: Deadlines;
	/** Prevents one connection from keeping the turn of the event loop. */
	readonly turn: Turn;
	/** Limits what the connections of a server hold together; null: these are client sockets. */
	readonly budget: ServerBudget<Data> | null;
	readonly topics: Topics<Subscriber> = new Topics();
	/** The `Server`; null: these are client sockets. */
	server: unknown = null;
	/** Counts the streams of each address; null: there is no such limit. */
	addresses: AddressTable | null = null;
	/** Every connected stream. */
	readonly drivers: Set<Driver<Data>> = new Set();
	/** Set when the server closes: new clients are refused. */
	drain: Drain<Data> | null = null;
	/** Drivers whose stream is gone and whose messages still wait for the application. */
	readonly untaken: Set<Driver<Data>> = new Set();
	/** Every socket between its opening handshake and its end. */
	readonly sockets: Set<Socket<Data>> = new Set();
	/** `connect` has not resolved yet. No handler is called, because a handler may use the result of `connect`. */
	isConnecting: boolean = false;
	/**
	 * The number of sockets with a pending promise of a handler, or with messages that wait for a later turn, plus the number
	 * of requests that are being handled.
	 */
	running: number = 0;
	readonly #observe: Observe | null;
	#flushing: Flushable[] = [];
	#allGone: (() => void) | null = null;
	#waitsForHandlers: boolean = true;

	/** `options` must have been checked. */
	constructor(
		platform: Platform,
		options: Parameters<typeof settle>[0],
		handlers: SocketHandlers<Data>,
		observe: Observe | null = null,
		maxServerBytes: number | null = null,
	) {
		const { settings, highWaterMark, stallTime, compression } = settle(options, platform);
		this.platform = platform;
		this.settings = settings;
		this.handlers = handlers;
		this.#observe = observe;
		this.highWaterMark = highWaterMark;
		this.stallTime = stallTime;
		this.deadlines = new Deadlines(platform);
		this.turn = turnOf(platform);
		this.budget = maxServerBytes === null ? null : new ServerBudget(this, maxServerBytes);
		compression?.watch(this.deadlines);
	}

	/** Flushes when the present turn ends: everything sent in a turn leaves in one write per connection. */
	flushLater(flushable: Flushable): void {
		this.#flushing.push(flushable);
		if (this.#flushing.length > 1) return;
		this.platform.defer(() => {
			const flushing = this.#flushing;
			this.#flushing = [];
			this.#flush(flushing, 0);
		});
	}

	/** A message to thousands of connections needs thousands of system calls: they are spread over turns. */
	#flush(flushing: readonly Flushable[], from: number): void {
		for (let i = from; i < flushing.length; i++) {
			if (i > from && this.turn.isOver) return this.turn.wait({ pump: () => this.#flush(flushing, i) });
			flushing[i]?.flush();
			this.turn.spend(0);
		}
	}

	/** The stream of a driver is gone. The end event of this turn may still start a handler. */
	streamGone(driver: Driver<Data>): void {
		this.drivers.delete(driver);
		this.addresses?.leave(driver.stream);
		if (this.#allGone !== null) this.platform.defer(() => this.#tellIfGone());
	}

	/** The last events of a stream that is gone wait for a later turn: `whenAllGone` waits for them as for a handler. */
	async lastEventsWait(driver: Driver<Data>): Promise<void> {
		const { turn } = this;
		await this.whileRunning(
			(async () => {
				while (turn.waits(driver)) await new Promise<void>((resolve) => turn.wait({ pump: resolve }));
			})(),
		);
	}

	/** A handler's promise has settled, and everything that waited for it is done. */
	handlerReturned(): void {
		this.#tellIfGone();
	}

	/** Counts the work of an HTTP handler as running, also after its client has gone. */
	async whileRunning(work: Promise<void>): Promise<void> {
		this.running++;
		try {
			await work;
		} finally {
			this.running--;
			this.handlerReturned();
		}
	}

	/** Stops waiting for handlers. */
	abandonHandlers(): void {
		this.#waitsForHandlers = false;
		this.#tellIfGone();
	}

	/** Resolves when no stream is left and no handler runs. */
	whenAllGone(): Promise<void> {
		return new Promise((resolve) => {
			this.#allGone = resolve;
			this.#tellIfGone();
		});
	}

	#tellIfGone(): void {
		if (this.drivers.size === 0 && (this.running === 0 || !this.#waitsForHandlers)) this.#allGone?.();
	}

	/** Whether there is an observer: without one, events need not be created. */
	get isObserved(): boolean {
		return this.#observe !== null;
	}

	/** Calls the observer. If it throws or rejects, the connection continues. */
	observe(observed: Observed): void {
		guard(
			() => this.#observe?.(observed),
			(error) => this.report(error, null),
		);
	}

	/** Reports to the application that one of its handlers failed; once per failure. */
	report(error: unknown, socket: Socket<Data> | null): void {
		const { handlers, platform } = this;
		if (handlers.error === undefined) return platform.report(error);
		guard(
			() => handlers.error?.(error, socket),
			(second) => platform.report(second),
		);
	}
}

/** Runs a handler. Calls `failed` if it throws or its promise rejects. */
export function guard(run: () => unknown, failed: (error: unknown) => void): void {
	try {
		const result = run();
		if (isThenable(result)) Promise.resolve(result).catch(failed);
	} catch (error) {
		failed(error);
	}
}

/** Whether the result of a handler has to be awaited. */
export function isThenable(result: unknown): result is PromiseLike<unknown> {
	return typeof (result as PromiseLike<unknown> | null | undefined)?.then === "function";
}
