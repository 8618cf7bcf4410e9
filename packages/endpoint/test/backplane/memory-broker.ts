import type { Carrier, CarrierEvents } from "../../src/backplane/carrier.ts";
import type { VirtualClock } from "../../src/memory/index.ts";

/** How a broker handles one message: milliseconds until it is delivered, or null: it is lost. */
type Fate = (channel: string, bytes: Uint8Array) => number | null;

/** A broker in memory, with faults. */
export class MemoryBroker {
	readonly clock: VirtualClock;
	readonly carriers: MemoryCarrier[] = [];
	/** Decides for each message and each receiver. */
	fate: Fate = () => 0;

	constructor(clock: VirtualClock) {
		this.clock = clock;
	}

	/** A carrier that connects when it is opened, unless `isUp` is set to false before. */
	carrier(): MemoryCarrier {
		const carrier = new MemoryCarrier(this);
		this.carriers.push(carrier);
		return carrier;
	}
}

export class MemoryCarrier implements Carrier {
	maxMessageSize: number = 1024 * 1024;
	bufferedAmount: number = 0;
	/** Whether the connection is there, or can be made. */
	isUp: boolean = true;
	/** Subscriptions are refused while it is set. */
	refuses: Error | null = null;
	/** The broker gives an echo of what this carrier publishes. */
	echoes: boolean = true;
	/** Milliseconds until a subscription is confirmed. */
	confirmsAfter: number = 0;
	isClosed: boolean = false;
	readonly published: { readonly channel: string; readonly bytes: Uint8Array }[] = [];
	/** The channels that are subscribed, also those that are not confirmed. */
	readonly channels: Set<string> = new Set();
	readonly #broker: MemoryBroker;
	#events: CarrierEvents | null = null;
	/** When the last message of each channel from each carrier comes: the next one does not overtake it. */
	readonly #lastAt = new Map<string, number>();
	#connections: number = 0;

	constructor(broker: MemoryBroker) {
		this.#broker = broker;
	}

	open(events: CarrierEvents): void {
		this.#events = events;
		if (this.isUp) this.connect();
	}

	connect(): void {
		this.isUp = true;
		this.#connections++;
		this.#events?.connected();
	}

	disconnect(reason: unknown = new Error("the broker is away")): void {
		this.isUp = false;
		this.#connections++;
		this.channels.clear();
		this.#events?.disconnected(reason);
	}

	publish(channel: string, bytes: Uint8Array<ArrayBuffer>): void {
		if (!this.isUp) throw new Error("published while the carrier is away");
		if (!/^[A-Za-z0-9_=-]{1,200}$/.test(channel)) throw new Error(`not a channel: ${channel}`);
		this.published.push({ channel, bytes });
		for (const [index, receiver] of this.#broker.carriers.entries()) {
			if (receiver !== this || this.echoes)
				receiver.#take(`${this.#broker.carriers.indexOf(this)}>${index}`, channel, bytes);
		}
	}

	async subscribe(channel: string): Promise<void> {
		if (this.channels.has(channel)) throw new Error(`subscribed twice: ${channel}`);
		if (this.refuses !== null) throw this.refuses;
		const connection = this.#connections;
		this.channels.add(channel);
		if (this.confirmsAfter > 0)
			await new Promise<void>((resolve) => this.#broker.clock.setTimer(resolve, this.confirmsAfter));
		if (connection !== this.#connections) throw new Error("the connection is lost");
	}

	unsubscribe(channel: string): void {
		this.channels.delete(channel);
	}

	async close(): Promise<void> {
		this.isClosed = true;
		this.isUp = false;
		this.channels.clear();
		this.#events = null;
	}

	/** Gives the backplane any bytes. */
	inject(channel: string, bytes: Uint8Array): void {
		this.#events?.received(channel, bytes);
	}

	#take(route: string, channel: string, bytes: Uint8Array): void {
		if (!this.channels.has(channel)) return;
		const delay = this.#broker.fate(channel, bytes);
		if (delay === null) return;
		const { clock } = this.#broker;
		const key = `${route} ${channel}`;
		const at = Math.max(clock.now() + delay, this.#lastAt.get(key) ?? 0);
		this.#lastAt.set(key, at);
		const connection = this.#connections;
		const deliver = (): void => {
			if (connection === this.#connections && this.channels.has(channel)) this.#events?.received(channel, bytes);
		};
		if (at <= clock.now()) deliver();
		else clock.setTimer(deliver, at - clock.now());
	}
}
