import type { Carrier, CarrierEvents } from "@barewire/endpoint/backplane";
import { isPost, type Message, type Post } from "./post.ts";
import { Receivers } from "./receivers.ts";

/** A receiver tells at the latest after so many milliseconds how much it has read. */
const READ_INTERVAL = 100;

/** A message takes some memory besides its channel and its bytes. */
const OVERHEAD = 64;

/**
 * One `BroadcastChannel` for all channels: each worker gets all messages and takes those that it has subscribed to. One for
 * each channel would have to stay open in every worker that publishes there, and would receive as well.
 */
export class BroadcastChannelCarrier implements Carrier {
	readonly maxMessageSize: number = Number.POSITIVE_INFINITY;
	readonly #name: string;
	readonly #id: string = crypto.randomUUID();
	readonly #subscribed = new Set<string>();
	readonly #receivers = new Receivers();
	/** The messages of this turn: they are posted together. */
	#waiting: Message[] = [];
	#waitingSize: number = 0;
	/** How much was read of what others have sent, and is not told yet. */
	readonly #read = new Map<string, number>();
	#readTimer: ReturnType<typeof setTimeout> | null = null;
	#channel: BroadcastChannel | null = null;
	#events: CarrierEvents | null = null;

	constructor(name: string) {
		this.#name = name;
	}

	open(events: CarrierEvents): void {
		this.#events = events;
		this.#channel = new BroadcastChannel(`barewire.backplane/1 ${this.#name}`);
		this.#channel.onmessage = ({ data }: { data: unknown }) => {
			if (isPost(data)) this.#received(data);
		};
		this.#post({ kind: "hello", from: this.#id });
		events.connected();
	}

	get bufferedAmount(): number {
		return this.#waitingSize + this.#receivers.unread(performance.now());
	}

	publish(channel: string, bytes: Uint8Array<ArrayBuffer>): void {
		this.#waiting.push([channel, bytes]);
		this.#waitingSize += channel.length + bytes.length + OVERHEAD;
		if (this.#waiting.length === 1) queueMicrotask(() => this.#flush());
	}

	async subscribe(channel: string): Promise<void> {
		this.#subscribed.add(channel);
	}

	unsubscribe(channel: string): void {
		this.#subscribed.delete(channel);
	}

	async close(): Promise<void> {
		this.#flush();
		this.#post({ kind: "bye", from: this.#id });
		this.#channel?.close();
		this.#channel = null;
		this.#events = null;
		if (this.#readTimer !== null) clearTimeout(this.#readTimer);
	}

	#flush(): void {
		const messages = this.#waiting;
		if (messages.length === 0) return;
		const sum = this.#receivers.send(this.#waitingSize);
		this.#waiting = [];
		this.#waitingSize = 0;
		this.#post({ kind: "messages", from: this.#id, sum, messages });
	}

	#received(post: Post): void {
		switch (post.kind) {
			case "messages":
				this.#noteRead(post.from, post.sum);
				for (const [channel, bytes] of post.messages)
					if (this.#subscribed.has(channel)) this.#events?.received(channel, bytes);
				return;
			case "hello":
				this.#post({ kind: "here", from: this.#id });
				return this.#receivers.add(post.from, performance.now());
			case "here":
				return this.#receivers.add(post.from, performance.now());
			case "bye":
				this.#read.delete(post.from);
				return this.#receivers.remove(post.from);
			case "read":
				if (post.of === this.#id) this.#receivers.read(post.from, post.sum, performance.now());
		}
	}

	#noteRead(from: string, sum: number): void {
		this.#read.set(from, sum);
		this.#readTimer ??= setTimeout(() => {
			this.#readTimer = null;
			for (const [of, read] of this.#read) this.#post({ kind: "read", from: this.#id, of, sum: read });
			this.#read.clear();
		}, READ_INTERVAL);
	}

	#post(post: Post): void {
		this.#channel?.postMessage(post);
	}
}
