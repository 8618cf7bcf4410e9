import { UsageError } from "@barewire/errors";
import type { Backplane, BackplaneEvent, BackplaneMember, CarriedMessage, Gap } from "./backplane/backplane.ts";
import { Broadcast } from "./broadcast.ts";
import { type Context, guard } from "./context.ts";
import type { Publication, SlowPolicy } from "./publish.ts";
import { asSubscription, SUBSCRIBED } from "./subscribed.ts";

/** A server's part in a backplane: what it publishes goes to the other servers, and theirs comes to its subscribers. */
export class OtherServers<Data> {
	readonly #context: Context<Data>;
	readonly #backplane: Backplane;
	readonly #gap: ((gap: Gap) => unknown) | undefined;
	readonly #slow: SlowPolicy;
	#member: BackplaneMember | null = null;
	#hasLeft: boolean = false;

	/** Throws a `UsageError` (ERR_STATE) if the backplane is closed. */
	constructor(
		context: Context<Data>,
		backplane: Backplane,
		gap: ((gap: Gap) => unknown) | undefined,
		slow: SlowPolicy,
	) {
		if (backplane.status === "closed")
			throw new UsageError("ERR_STATE", "the backplane is closed: make another one, as for each start of a server");
		this.#context = context;
		this.#backplane = backplane;
		this.#gap = gap;
		this.#slow = slow;
	}

	/** Connects. A server that can't listen never does this, so nothing has to be closed. */
	join(): BackplaneMember | null {
		if (this.#member !== null || this.#hasLeft || this.#backplane.status === "closed") return this.#member;
		const { platform, topics } = this.#context;
		this.#member = this.#backplane.join({
			platform,
			deliver: (carried) => this.#deliver(carried),
			subscriberCount: (topic) => topics.of(topic).size,
			tell: (event) => this.#tell(event),
		});
		return this.#member;
	}

	subscribe(topic: string): Promise<void> {
		const promise = this.join()?.subscribe(topic);
		return promise === undefined ? SUBSCRIBED : asSubscription(promise);
	}

	unsubscribe(topic: string): void {
		this.#member?.unsubscribe(topic);
	}

	publish(carried: CarriedMessage): void {
		this.join()?.publish(carried);
	}

	count(topic: string): Promise<number> {
		return this.join()?.countOthers(topic) ?? Promise.resolve(0);
	}

	async leave(): Promise<void> {
		this.#hasLeft = true;
		const member = this.#member;
		this.#member = null;
		await member?.leave();
	}

	#deliver({ topic, message, plain, slow, key }: CarriedMessage): void {
		const broadcast = new Broadcast(message, plain);
		const publication: Publication = { topic, slow: slow ?? this.#slow, key: key ?? topic, except: null };
		for (const subscriber of this.#context.topics.of(topic)) subscriber.sendBroadcast(broadcast, publication);
	}

	#tell(event: BackplaneEvent): void {
		const context = this.#context;
		switch (event.type) {
			case "status":
				return context.observe({ type: "backplane", connection: null, status: event.status, reason: event.reason });
			case "dropped":
				return context.observe({
					type: "backplane-drop",
					connection: null,
					topic: event.topic,
					reason: event.reason,
				});
			case "failed":
				return context.report(event.error, null);
			case "gap":
				context.observe({ type: "gap", connection: null, ...event.gap });
				guard(
					() => this.#gap?.(event.gap),
					(error) => context.report(error, null),
				);
		}
	}
}
