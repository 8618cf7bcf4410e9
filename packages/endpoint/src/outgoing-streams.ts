import type { WebSocketConnection } from "@barewire/connection";
import { UsageError } from "@barewire/errors";
import { type MessageKind, requireAttached } from "@barewire/framing";
import { SocketClosedError } from "./errors.ts";
import { IdleWatch } from "./idle-watch.ts";
import { type Checks, checkOptions, duration, flag } from "./options.ts";
import type { Platform } from "./platform.ts";
import { quiet } from "./quiet.ts";
import type { SendStreamOptions } from "./socket.ts";
import { type MessageSource, SourceIdleError, SourceReader } from "./source-reader.ts";
import type { Turn } from "./turn.ts";

/** A larger piece of the source is sent in several fragments, each when there is room. */
const LARGEST_FRAGMENT = 64 * 1024;

/** When more than this has been written, the next fragment waits until the stream has taken all of it. */
const MOST_WRITTEN = 64 * 1024;

const DEFAULT_IDLE = 60_000;

const CHECKS: Checks = { idle: duration, compress: flag };

const NOTHING = new Uint8Array(0);

/** What messages that are sent as streams need from their session. */
export interface OutgoingHooks {
	/** A fragment was written. */
	written(): void;
	/** The source has failed in the middle of a message: reports the error to the application, and fails the connection. */
	failed(error: unknown): void;
}

/** The messages that one socket sends as streams, in order. */
export class OutgoingStreams {
	readonly #connection: WebSocketConnection;
	readonly #platform: Platform;
	readonly #turn: Turn;
	readonly #hooks: OutgoingHooks;
	/** Settles when the latest message is finished. */
	#latest: Promise<void> = Promise.resolve();
	/**
	 * The error of a message when the socket ends. It is one known object, because a source may throw a `SocketClosedError`
	 * of its own.
	 */
	readonly #gone: SocketClosedError = new SocketClosedError();
	#hasEnded: boolean = false;
	/** Bytes that were written since the stream last took everything. */
	#written: number = 0;
	// The present wait of the current message: for a piece of its source, or for room.
	#interrupt: ((error: Error) => void) | null = null;
	#goOn: (() => void) | null = null;

	constructor(connection: WebSocketConnection, platform: Platform, turn: Turn, hooks: OutgoingHooks) {
		this.#connection = connection;
		this.#platform = platform;
		this.#turn = turn;
		this.#hooks = hooks;
	}

	/** Reserves the place of the message: messages that are sent later come after it. */
	send(kind: MessageKind, source: MessageSource, options: SendStreamOptions): Promise<void> {
		if (this.#connection.readyState !== "open") {
			const error = new UsageError(
				"ERR_SOCKET_CLOSING",
				"the socket is closing: look at readyState before sendStream()",
			);
			return quiet(Promise.reject(error));
		}
		let reader: SourceReader;
		try {
			checkOptions(options, CHECKS);
			reader = this.#begin(kind, source, options.compress === false);
		} catch (error) {
			return Promise.reject(error);
		}
		const { idle = DEFAULT_IDLE } = options;
		const sent = quiet(this.#latest.then(() => this.#run(reader, kind, idle)));
		this.#latest = sent.catch(() => {});
		return sent;
	}

	/** Resolves when the messages that have begun are finished. */
	get finished(): Promise<void> {
		return this.#latest;
	}

	/** The stream has taken all that was written. */
	drained(): void {
		this.#written = 0;
		this.#goOn?.();
	}

	/** The socket is gone. */
	end(): void {
		this.#hasEnded = true;
		this.#interrupt?.(this.#gone);
	}

	#begin(kind: MessageKind, source: MessageSource, plain: boolean): SourceReader {
		const reader = new SourceReader(kind, source);
		try {
			this.#connection.beginMessage(kind, plain);
		} catch (error) {
			reader.cancel();
			throw error;
		}
		return reader;
	}

	async #run(reader: SourceReader, kind: MessageKind, idle: number): Promise<void> {
		const watch = new IdleWatch(this.#platform, idle, () => this.#interrupt?.(new SourceIdleError(idle)));
		try {
			if (!this.#connection.isSending) await this.#itsTurn();
			for (let piece = await this.#next(reader, watch); piece !== null; piece = await this.#next(reader, watch))
				for (let at = 0; at < piece.length; at += LARGEST_FRAGMENT) {
					this.#write(kind, piece.subarray(at, at + LARGEST_FRAGMENT), false);
					if (this.#written > MOST_WRITTEN) await this.#room();
					const over = this.#turn.over();
					if (over !== null) await over;
					// If the piece was transferred, this loop would end, and the message would continue with the next piece.
					requireAttached(piece);
				}
			this.#write(kind, NOTHING, true);
		} catch (error) {
			reader.cancel();
			// A message that has begun can't be taken back.
			if (error !== this.#gone) this.#hooks.failed(error);
			throw error;
		} finally {
			watch.stop();
		}
	}

	#write(kind: MessageKind, bytes: Uint8Array, last: boolean): void {
		this.#requireOpen();
		this.#connection.sendFragment(kind, bytes, last);
		this.#written += bytes.length;
		this.#hooks.written();
	}

	#requireOpen(): void {
		// After close() the message continues. After a Close frame that could not wait, it can't.
		if (this.#hasEnded || !this.#connection.awaitsFragments) throw this.#gone;
	}

	/** Waits until the large messages before this one have left. */
	async #itsTurn(): Promise<void> {
		this.#requireOpen();
		while (!this.#connection.isSending) {
			await this.#room();
			this.#requireOpen();
		}
	}

	#room(): Promise<void> {
		return new Promise((resolve, reject) => {
			this.#goOn = resolve;
			this.#interrupt = reject;
		});
	}

	/** The next piece. Rejects if the source takes too long or the socket ends. */
	async #next(reader: SourceReader, watch: IdleWatch): Promise<Uint8Array | null> {
		this.#requireOpen();
		watch.begin();
		try {
			return await new Promise((resolve, reject) => {
				this.#interrupt = reject;
				reader.next().then(resolve, reject);
			});
		} finally {
			watch.end();
		}
	}
}
