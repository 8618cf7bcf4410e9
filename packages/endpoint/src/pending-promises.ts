import { SocketClosedError } from "./errors.ts";
import { PendingPings } from "./pending-pings.ts";
import { quiet } from "./quiet.ts";
import type { SessionEnd } from "./session-end.ts";
import type { ClosedEvent } from "./socket.ts";

/** The promises that a socket has returned: for pongs, for room, for its end. Created when the first one is needed. */
export class PendingPromises {
	#pings: PendingPings | null = null;
	#drained: { resolve(): void; reject(error: Error): void }[] | null = null;
	#closed: Promise<ClosedEvent> | null = null;
	#resolveClosed: ((event: ClosedEvent) => void) | null = null;
	#end: Pick<SessionEnd, "closedEvent"> | null = null;
	#abort: AbortController | null = null;
	#isOver: boolean = false;

	get pings(): PendingPings {
		this.#pings ??= new PendingPings();
		return this.#pings;
	}

	/** Resolves at the end of the session. */
	get closed(): Promise<ClosedEvent> {
		this.#closed ??=
			this.#end === null
				? new Promise((resolve) => {
						this.#resolveClosed = resolve;
					})
				: Promise.resolve(this.#end.closedEvent);
		return this.#closed;
	}

	/** Aborted when nothing can be sent any more. */
	get signal(): AbortSignal {
		this.#abort ??= new AbortController();
		if (this.#isOver) this.#abort.abort(new SocketClosedError());
		return this.#abort.signal;
	}

	/** `closed` is resolved. */
	get hasEnded(): boolean {
		return this.#end !== null;
	}

	whenDrained(): Promise<void> {
		this.#drained ??= [];
		const drained = this.#drained;
		return quiet(new Promise((resolve, reject) => drained.push({ resolve, reject })));
	}

	/** There is room. */
	drain(): void {
		for (const { resolve } of this.#drained?.splice(0) ?? []) resolve();
	}

	/** The stream is gone: rejects the promises for pongs and for room. `why`: the error, if it is not a `SocketClosedError`. */
	endWaiting(why: Error | null = null): void {
		this.#isOver = true;
		// An error collects its stack. Most sockets wait for nothing, and need none. (Without a network, an opening and a closing
		// handshake take 17 instead of 30 µs on Node.)
		if (this.#pings === null && this.#drained === null && this.#abort === null) return;
		const error = why ?? new SocketClosedError();
		this.#pings?.end(error);
		for (const { reject } of this.#drained?.splice(0) ?? []) reject(error);
		this.#abort?.abort(error);
	}

	end(end: Pick<SessionEnd, "closedEvent">): void {
		this.#end = end;
		this.#resolveClosed?.(end.closedEvent);
	}
}
