import { Buffer } from "node:buffer";
import { type Carrier, type CarrierEvents, Retries, within } from "@barewire/endpoint/backplane";
import type { Client, Listener } from "./client.ts";

/** What Redis takes as one value, unless it is configured to take less. */
const MAX_VALUE = 512 * 1024 * 1024;

/** Milliseconds in which Redis has to take what is left when the carrier closes. */
const CLOSING_TIME = 1000;

/** Without any answer for so many checks, so many milliseconds apart, the connection is given up. */
const SILENT_CHECKS = 3;
const CHECK_INTERVAL = 10_000;

/** A command takes some memory besides its channel and its bytes, until it is answered. */
const OVERHEAD = 1024;

/** The client's limit is for commands that wait to be written, and costs a timer for each. */
const NO_TIMEOUT = { timeout: 0 };

/** A client that is connected. It is used for one connection. */
interface Connection {
	readonly client: Client;
	/** Bytes of the commands that are not answered. */
	waiting: number;
	/** Commands that were answered. */
	answers: number;
}

/**
 * A channel is the channel `<prefix>:<channel>` of Redis. A channel has no colon in it, so it can't reach one with another
 * prefix.
 */
export class RedisCarrier implements Carrier {
	readonly maxMessageSize: number = MAX_VALUE;
	readonly #make: () => Client;
	readonly #prefix: string;
	readonly #isSharded: boolean;
	readonly #retries = new Retries();
	// One for all channels: the client mixes up two listeners of a channel that is left and taken again at the same time.
	readonly #listener: Listener = (message, channel) => this.#received(message, channel);
	#events: CarrierEvents | null = null;
	/** The client, also while it is connecting. */
	#client: Client | null = null;
	#connection: Connection | null = null;
	#isClosed: boolean = false;

	constructor(make: () => Client, prefix: string, isSharded: boolean) {
		this.#make = make;
		this.#prefix = `${prefix}:`;
		this.#isSharded = isSharded;
	}

	get bufferedAmount(): number {
		return this.#connection?.waiting ?? 0;
	}

	open(events: CarrierEvents): void {
		this.#events = events;
		void this.#run();
	}

	publish(channel: string, bytes: Uint8Array<ArrayBuffer>): void {
		const connection = this.#connection;
		if (connection === null) return;
		const name = this.#prefix + channel;
		const size = name.length + bytes.length + OVERHEAD;
		connection.waiting += size;
		// Redis answers with the number of receivers, behind everything that was sent before.
		const answered = (): void => {
			connection.waiting -= size;
			connection.answers++;
		};
		const payload = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
		const command = [this.#isSharded ? "SPUBLISH" : "PUBLISH", name, payload];
		// It rejects if the connection is lost, which is reported by an event of its own.
		connection.client.sendCommand(command, NO_TIMEOUT).then(answered, answered);
	}

	async subscribe(channel: string): Promise<void> {
		const client = this.#connection?.client;
		if (client === undefined) throw new Error("there is no connection to Redis");
		const name = this.#prefix + channel;
		if (this.#isSharded) await client.sSubscribe(name, this.#listener, true);
		else await client.subscribe(name, this.#listener, true);
	}

	unsubscribe(channel: string): void {
		const client = this.#connection?.client;
		if (client === undefined) return;
		const name = this.#prefix + channel;
		const ended = this.#isSharded
			? client.sUnsubscribe(name, this.#listener, true)
			: client.unsubscribe(name, this.#listener, true);
		ended.catch(() => {});
	}

	async close(): Promise<void> {
		this.#isClosed = true;
		this.#events = null;
		this.#retries.stop();
		const client = this.#client;
		if (client === null) return;
		if (this.#connection !== null) await within(CLOSING_TIME, client.close());
		this.#connection = null;
		destroy(client);
	}

	async #run(): Promise<void> {
		while (!this.#isClosed) {
			const reason = await this.#connectOnce();
			this.#events?.disconnected(reason);
			await this.#retries.wait();
		}
	}

	/** Resolves to the reason for which there is no connection any more. */
	async #connectOnce(): Promise<unknown> {
		const client = this.#make();
		const connection: Connection = { client, waiting: 0, answers: 0 };
		const { promise: lost, resolve: lose } = Promise.withResolvers<unknown>();
		client.on("error", lose);
		client.on("end", () => lose(new Error("the connection to Redis is closed")));
		this.#client = client;
		const endChecks = checkAnswers(connection, lose);
		try {
			await client.connect();
			if (this.#isClosed) return null;
			this.#retries.succeeded();
			this.#connection = connection;
			this.#events?.connected();
			return await lost;
		} catch (error) {
			return error;
		} finally {
			endChecks();
			this.#client = null;
			this.#connection = null;
			destroy(client);
		}
	}

	#received(message: Buffer, channel: Buffer): void {
		this.#events?.received(channel.toString("latin1").slice(this.#prefix.length), message);
	}
}

/** Calls `lose` when no answer comes. A connection to a machine that is gone ends much later by itself. */
function checkAnswers(connection: Connection, lose: (reason: Error) => void): () => void {
	let answers = 0;
	let silent = 0;
	const timer = setInterval(() => {
		silent = connection.waiting > 0 && connection.answers === answers ? silent + 1 : 0;
		answers = connection.answers;
		const seconds = (SILENT_CHECKS * CHECK_INTERVAL) / 1000;
		if (silent === SILENT_CHECKS) lose(new Error(`Redis has not answered for ${seconds} seconds`));
	}, CHECK_INTERVAL);
	return () => clearInterval(timer);
}

function destroy(client: Client): void {
	// A client that is closed already throws.
	if (client.isOpen) client.destroy();
}
