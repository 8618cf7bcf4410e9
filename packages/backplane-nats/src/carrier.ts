import { type Carrier, type CarrierEvents, Retries, within } from "@barewire/endpoint/backplane";
import type { NatsConnection, Subscription } from "@nats-io/transport-node";
import { Confirmations } from "./confirmations.ts";

/** Milliseconds in which a server has to take what is left when the carrier closes. */
const CLOSING_TIME = 1000;

/** What NATS takes if the server has not told its limit. */
const DEFAULT_MAX_PAYLOAD = 1024 * 1024;

/** A subscription, and why the server has refused it. */
interface Subscribed {
	readonly subscription: Subscription;
	refusal: Error | null;
}

/**
 * A channel is the subject `<prefix>.<channel>`. A channel has no dot and no wildcard in it, so it can't reach a subject
 * with another prefix.
 */
export class NatsCarrier implements Carrier {
	/** A connection of the application, or a way to make one. */
	readonly #source: NatsConnection | (() => Promise<NatsConnection>);
	readonly #prefix: string;
	readonly #retries = new Retries();
	readonly #subscribed = new Map<string, Subscribed>();
	readonly #confirmations = new Confirmations(() => this.#connection?.flush());
	#events: CarrierEvents | null = null;
	/** The connection, while it is connected. */
	#connection: NatsConnection | null = null;
	/** A connection that the carrier has made. */
	#own: NatsConnection | null = null;
	#isClosed: boolean = false;

	constructor(source: NatsConnection | (() => Promise<NatsConnection>), prefix: string) {
		this.#source = source;
		this.#prefix = `${prefix}.`;
	}

	get maxMessageSize(): number {
		return this.#connection?.info?.max_payload ?? DEFAULT_MAX_PAYLOAD;
	}

	get bufferedAmount(): number {
		return this.#confirmations.pending;
	}

	open(events: CarrierEvents): void {
		this.#events = events;
		void this.#run();
	}

	publish(channel: string, bytes: Uint8Array<ArrayBuffer>): void {
		const subject = this.#prefix + channel;
		try {
			this.#connection?.publish(subject, bytes);
		} catch (error) {
			// The application has closed or drained its connection.
			return this.#disconnected(error);
		}
		this.#confirmations.sent(subject.length + bytes.length);
	}

	async subscribe(channel: string): Promise<void> {
		const connection = this.#connection;
		if (connection === null) throw new Error("there is no connection to NATS");
		const subscribed: Subscribed = {
			subscription: connection.subscribe(this.#prefix + channel, {
				callback: (error, message) => {
					if (error === null) this.#events?.received(channel, message.data);
					else subscribed.refusal = error;
				},
			}),
			refusal: null,
		};
		this.#subscribed.set(channel, subscribed);
		// The server handles what it gets in its order, and sends a refusal before the answer to this.
		await this.#confirmations.ofAll();
		if (subscribed.refusal !== null) throw subscribed.refusal;
	}

	unsubscribe(channel: string): void {
		const subscribed = this.#subscribed.get(channel);
		this.#subscribed.delete(channel);
		subscribed?.subscription.unsubscribe();
	}

	async close(): Promise<void> {
		this.#isClosed = true;
		this.#events = null;
		this.#retries.stop();
		for (const channel of [...this.#subscribed.keys()]) this.unsubscribe(channel);
		if (this.#connection !== null) await within(CLOSING_TIME, this.#confirmations.ofAll());
		this.#connection = null;
		this.#confirmations.clear();
		await this.#own?.close();
	}

	async #run(): Promise<void> {
		if (typeof this.#source !== "function") return await this.#follow(this.#source);
		while (!this.#isClosed) {
			try {
				const own = await this.#source();
				if (this.#isClosed) return await own.close();
				this.#own = own;
				this.#retries.succeeded();
				await this.#follow(own);
			} catch (error) {
				this.#disconnected(error);
			}
			this.#own = null;
			await this.#retries.wait();
		}
	}

	/** Until the connection is closed. The client itself connects again after an interruption. */
	async #follow(connection: NatsConnection): Promise<void> {
		if (!connection.isClosed()) {
			const statuses = connection.status();
			this.#connected(connection);
			for await (const status of statuses) {
				if (this.#isClosed) return;
				if (status.type === "disconnect") this.#disconnected(new Error(`the connection to ${status.server} is lost`));
				else if (status.type === "reconnect") this.#connected(connection);
			}
		}
		this.#disconnected((await connection.closed()) ?? new Error("the connection to NATS is closed"));
	}

	#connected(connection: NatsConnection): void {
		this.#connection = connection;
		this.#events?.connected();
	}

	#disconnected(reason: unknown): void {
		this.#connection = null;
		this.#confirmations.clear();
		// The client would subscribe again as soon as it is connected, and all servers at the same time.
		for (const channel of [...this.#subscribed.keys()]) this.unsubscribe(channel);
		this.#events?.disconnected(reason);
	}
}
