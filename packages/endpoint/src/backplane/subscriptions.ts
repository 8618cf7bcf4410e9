import type { Platform } from "../platform.ts";
import type { BackplaneServer } from "./backplane.ts";
import type { Carrier } from "./carrier.ts";
import { LocalTopic } from "./local-topic.ts";

/** So many subscriptions are sent together after an interruption, and then the next ones. */
const BATCH = 256;

/** Milliseconds until a refused subscription is tried again: at first, and at most. */
const FIRST_RETRY = 1000;
const LAST_RETRY = 30_000;

/** What the subscriptions report. */
export interface SubscriptionOwner {
	/** The carrier sends the messages of this topic from now on. */
	subscribed(local: LocalTopic): void;
	/** The broker has refused a subscription. It is tried again. */
	refused(local: LocalTopic, error: unknown): void;
}

/** The topics that have subscribers in this process. The carrier is subscribed to the channel of each, and to no other. */
export class Subscriptions {
	readonly #platform: Platform;
	readonly #carrier: Carrier;
	readonly #owner: SubscriptionOwner;
	readonly #topics = new Map<string, LocalTopic>();
	readonly #channels = new Map<string, LocalTopic>();
	/** The connection on which subscriptions can be made. Each connection is another object; null: there is none. */
	#connection: object | null = null;
	/** Cancels the timers of refused subscriptions. */
	readonly #retries = new Set<() => void>();

	constructor(platform: Platform, carrier: Carrier, owner: SubscriptionOwner) {
		this.#platform = platform;
		this.#carrier = carrier;
		this.#owner = owner;
	}

	get size(): number {
		return this.#topics.size;
	}

	all(): Iterable<LocalTopic> {
		return this.#topics.values();
	}

	of(topic: string): LocalTopic | undefined {
		return this.#topics.get(topic);
	}

	at(channel: string): LocalTopic | undefined {
		return this.#channels.get(channel);
	}

	/** Whether this is still the topic with subscribers: it may have lost its last one, and gained another later. */
	has(local: LocalTopic): boolean {
		return this.#channels.get(local.channel) === local;
	}

	add(topic: string, channel: string, server: BackplaneServer): LocalTopic {
		const known = this.#topics.get(topic);
		const local = known ?? new LocalTopic(topic, channel);
		local.servers.add(server);
		if (known !== undefined) return local;
		this.#topics.set(topic, local);
		this.#channels.set(channel, local);
		if (this.#connection !== null) void this.#subscribe(local, FIRST_RETRY);
		return local;
	}

	remove(topic: string, server: BackplaneServer): void {
		const local = this.#topics.get(topic);
		if (local === undefined || !local.servers.delete(server) || local.servers.size > 0) return;
		this.#topics.delete(topic);
		this.#channels.delete(local.channel);
		if (this.#connection !== null) this.#carrier.unsubscribe(local.channel);
		local.release();
	}

	/** Subscribes to all topics, some after the others: a broker has many servers that do this at the same time. */
	async connected(): Promise<void> {
		const connection = {};
		this.#connection = connection;
		const topics = [...this.#topics.values()];
		for (let i = 0; i < topics.length && this.#connection === connection; i += BATCH) {
			const batch = topics.slice(i, i + BATCH).filter((local) => this.has(local));
			await Promise.all(batch.map((local) => this.#subscribe(local, FIRST_RETRY)));
		}
	}

	disconnected(): void {
		this.#connection = null;
		for (const cancel of this.#retries) cancel();
		this.#retries.clear();
		for (const local of this.#topics.values()) local.interrupt();
	}

	/** Ends all waiting. */
	close(): void {
		this.disconnected();
		for (const local of this.#topics.values()) local.release();
	}

	async #subscribe(local: LocalTopic, retryAfter: number): Promise<void> {
		const connection = this.#connection;
		const isWanted = (): boolean => this.#connection === connection && this.has(local);
		try {
			await this.#carrier.subscribe(local.channel);
		} catch (error) {
			if (isWanted()) this.#retry(local, retryAfter, error);
			return;
		}
		if (isWanted()) this.#owner.subscribed(local);
	}

	#retry(local: LocalTopic, after: number, error: unknown): void {
		this.#carrier.unsubscribe(local.channel);
		const cancel = this.#platform.setTimer(() => {
			this.#retries.delete(cancel);
			if (this.has(local)) void this.#subscribe(local, Math.min(2 * after, LAST_RETRY));
		}, after);
		this.#retries.add(cancel);
		this.#owner.refused(local, error);
	}
}
