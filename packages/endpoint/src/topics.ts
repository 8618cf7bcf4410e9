import { UsageError } from "@barewire/errors";
import { shown } from "./options.ts";
import { SUBSCRIBED } from "./subscribed.ts";

/** What the topics of several servers have in common: see `BackplaneMember`. */
interface Elsewhere {
	subscribe(topic: string): Promise<void>;
	unsubscribe(topic: string): void;
}

/** The subscribers of each topic, within one endpoint. */
export class Topics<Subscriber> {
	readonly #subscribers = new Map<string, Set<Subscriber>>();
	/** The other servers; null: there is no backplane. */
	elsewhere: Elsewhere | null = null;

	/** Resolves when the messages of other servers come too. */
	subscribe(topic: string, subscriber: Subscriber): Promise<void> {
		const present = this.#subscribers.get(topic);
		if (present === undefined) this.#subscribers.set(topic, new Set([subscriber]));
		else present.add(subscriber);
		return this.elsewhere === null ? SUBSCRIBED : this.elsewhere.subscribe(topic);
	}

	unsubscribe(topic: string, subscriber: Subscriber): void {
		const present = this.#subscribers.get(topic);
		present?.delete(subscriber);
		if (present?.size !== 0) return;
		this.#subscribers.delete(topic);
		this.elsewhere?.unsubscribe(topic);
	}

	of(topic: string): ReadonlySet<Subscriber> {
		return this.#subscribers.get(topic) ?? NOBODY;
	}
}

/** Throws a `UsageError` (ERR_OPTION) for a value that is not a topic. */
export function requireTopic(topic: unknown): void {
	if (typeof topic === "string") return;
	throw new UsageError("ERR_OPTION", `a topic must be a string, not ${shown(topic)}`);
}

const NOBODY: ReadonlySet<never> = new Set();
