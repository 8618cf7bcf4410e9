import type { CloseOptions, CloseTerms } from "./close-options.ts";
import type { Context } from "./context.ts";
import type { Driver } from "./driver.ts";
import type { Listener } from "./server.ts";
import { Spread } from "./spread.ts";

/** How many connections ended in which way: those that were open at the call, and those that were accepted since. */
export interface Drained {
	/** WebSockets with a complete closing handshake, and HTTP connections that ended while no answer was under way. */
	readonly clean: number;
	/** All others: the deadline, a timeout or the peer has cut them. */
	readonly cut: number;
}

/** The end of a server: every connection ends, if it can, in order. */
export class Drain<Data> {
	/** Resolves when every connection is gone and no handler runs, or at the deadline. */
	readonly done: Promise<Drained>;
	readonly #context: Context<Data>;
	readonly #listener: Listener | null;
	/** Connections that were not seen to end. */
	readonly #left: Set<Driver<Data>>;
	readonly #sockets: Spread<Driver<Data>>;
	/** When the last of the sockets is closed. */
	#spreadEnd: number;
	/** Functions that cancel the deadlines; null: all is over. */
	#deadlines: (() => void)[] | null = [];
	/** Resolves at the first deadline. */
	readonly #late: PromiseWithResolvers<void> = Promise.withResolvers();
	/** Whether connections that come now are still served. */
	#accepts: boolean;
	#accepted: number;
	#clean: number = 0;

	constructor(context: Context<Data>, listener: Listener | null, terms: CloseTerms) {
		const { code, reason } = terms;
		this.#context = context;
		this.#listener = listener;
		this.#accepts = listener?.emptied !== undefined;
		this.#left = new Set([...context.drivers].filter(({ owner }) => !owner.hasEnded));
		this.#accepted = this.#left.size;
		const sockets = [...this.#left].filter(({ owner }) => owner.speaks === "websocket");
		this.#sockets = new Spread(sockets, context.platform, ({ owner }) => owner.shutDown(code, reason));
		this.#spreadEnd = context.platform.now() + terms.spread;
		this.done = this.#run(terms);
	}

	/** A connection was accepted while the server closes: it was in the queue. False: it comes too late. */
	accepted(driver: Driver<Data>): boolean {
		this.#left.add(driver);
		this.#accepted++;
		return this.#accepts;
	}

	/** A connection has ended. */
	ended(driver: Driver<Data>, isClean: boolean): void {
		if (this.#left.delete(driver) && isClean) this.#clean++;
	}

	/** A second call: its deadline applies too, and its time for the sockets that are not closed yet. The earlier one counts. */
	hurry({ deadline, spread }: CloseOptions): void {
		if (this.#deadlines === null || deadline === undefined) return;
		const now = this.#context.platform.now();
		// Without it, sockets whose moment comes behind the deadline would be cut without a Close frame.
		const end = spread === undefined && now + deadline >= this.#spreadEnd ? this.#spreadEnd : now + (spread ?? 0);
		if (end < this.#spreadEnd) {
			this.#spreadEnd = end;
			this.#sockets.within(end - now);
		}
		this.#cutAfter(deadline);
	}

	async #run({ code, reason, deadline }: CloseTerms): Promise<Drained> {
		const context = this.#context;
		const listener = this.#listener;
		const emptied = listener?.emptied?.();
		let listenerClosed = emptied === undefined ? listener?.close() : undefined;
		this.#cutAfter(deadline);
		// A handler that calls this before its first `await` returns its promise first, so what it sends goes before the Close
		// frame.
		await null;
		this.#sockets.within(Math.max(0, this.#spreadEnd - context.platform.now()));
		const endHttp = ({ owner }: Driver<Data>): void => {
			if (owner.speaks === "http") owner.shutDown(code, reason);
		};
		for (const driver of [...context.drivers]) if (!driver.owner.isIdle) endHttp(driver);
		if (emptied !== undefined) {
			await Promise.race([emptied, this.#late.promise]);
			listenerClosed = listener?.close();
		}
		this.#accepts = false;
		// What idle clients, and those of the queue, have sent until now has been read.
		for (const driver of [...context.drivers]) endHttp(driver);
		await context.whenAllGone();
		this.#sockets.stop();
		for (const cancel of this.#deadlines ?? []) cancel();
		this.#deadlines = null;
		await listenerClosed;
		return { clean: this.#clean, cut: this.#accepted - this.#clean };
	}

	/** Cuts the connections that remain at the deadline. */
	#cutAfter(deadline: number): void {
		if (deadline === Number.POSITIVE_INFINITY || this.#deadlines === null) return;
		const context = this.#context;
		const cancel = context.platform.setTimer(() => {
			this.#accepts = false;
			this.#late.resolve();
			for (const { owner } of [...context.drivers]) owner.terminate();
			context.abandonHandlers();
		}, deadline);
		this.#deadlines.push(cancel);
	}
}
