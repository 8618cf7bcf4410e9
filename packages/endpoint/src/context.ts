import type { ConnectionSettings } from "@barewire/connection";
import type { Broadcast } from "./broadcast.ts";
import { Deadlines } from "./deadlines.ts";
import type { SocketHandlers } from "./handlers.ts";
import { settle } from "./options.ts";
import type { Platform } from "./platform.ts";
import type { CommonOptions } from "./server-options.ts";
import type { Socket } from "./socket.ts";
import { Topics } from "./topics.ts";

/** A session with output that waits for the end of the turn. */
export interface Flushable {
	flush(): void;
}

/** A session that takes part in topics. */
export interface Subscriber {
	/** Sends the message, in a frame that was made for several if it can be. */
	sendBroadcast(broadcast: Broadcast): void;
}

/** What all sessions of one endpoint share. */
export class Context<Data> {
	readonly platform: Platform;
	readonly settings: ConnectionSettings;
	readonly handlers: SocketHandlers<Data>;
	/** Bytes of waiting output above which `send` returns false. */
	readonly highWaterMark: number;
	readonly deadlines: Deadlines;
	readonly topics: Topics<Subscriber> = new Topics();
	private waiting: Flushable[] = [];

	/** `options` have been checked. */
	constructor(platform: Platform, options: CommonOptions, handlers: SocketHandlers<Data>) {
		const { settings, highWaterMark, compression } = settle(options, platform);
		this.platform = platform;
		this.settings = settings;
		this.handlers = handlers;
		this.highWaterMark = highWaterMark;
		this.deadlines = new Deadlines(platform);
		compression?.watch(this.deadlines);
	}

	/** Flushes the session when the present turn ends: all that a turn sends leaves in one write per connection. */
	flushLater(session: Flushable): void {
		this.waiting.push(session);
		if (this.waiting.length > 1) return;
		this.platform.defer(() => {
			const waiting = this.waiting;
			this.waiting = [];
			for (const session of waiting) session.flush();
		});
	}

	/** Tells the application that one of its handlers failed; once per failure. */
	report(error: unknown, socket: Socket<Data> | null): void {
		const { handlers, platform } = this;
		if (handlers.error === undefined) return platform.report(error);
		guard(
			() => handlers.error?.(error, socket),
			(second) => platform.report(second),
		);
	}
}

/** Runs a handler; tells of its failure, whether it throws or its promise rejects. */
export function guard(run: () => unknown, failed: (error: unknown) => void): void {
	try {
		const result = run();
		if (isThenable(result)) Promise.resolve(result).catch(failed);
	} catch (error) {
		failed(error);
	}
}

/** Whether a handler's result has to be waited for. */
export function isThenable(result: unknown): result is PromiseLike<unknown> {
	return typeof (result as PromiseLike<unknown> | null | undefined)?.then === "function";
}
