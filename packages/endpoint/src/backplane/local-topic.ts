import { Arrivals } from "./arrivals.ts";
import type { BackplaneServer } from "./backplane.ts";

const GUARANTEED: Promise<void> = Promise.resolve();

/** A topic that has subscribers in this process. */
export class LocalTopic {
	readonly topic: string;
	readonly channel: string;
	/** The servers with subscribers. */
	readonly servers: Set<BackplaneServer> = new Set();
	/** Begins anew with each connection. */
	arrivals: Arrivals = new Arrivals();
	/** A subscriber was told that it misses nothing, before an interruption. */
	hadGuarantee: boolean = false;
	#promise: Promise<void> | null = null;
	#resolve: () => void = () => {};

	constructor(topic: string, channel: string) {
		this.topic = topic;
		this.channel = channel;
	}

	/** Resolves when the guarantee begins, or when nobody wants it any more. */
	get whenGuaranteed(): Promise<void> {
		if (this.arrivals.isGuaranteed) return GUARANTEED;
		this.#promise ??= new Promise((resolve) => {
			this.#resolve = resolve;
		});
		return this.#promise;
	}

	/** From now on, missing messages are reported. Returns whether an interruption ends with this. */
	guarantee(): boolean {
		this.arrivals.isGuaranteed = true;
		const wasInterrupted = this.hadGuarantee;
		this.hadGuarantee = false;
		this.release();
		return wasInterrupted;
	}

	/** The connection is lost. */
	interrupt(): void {
		this.hadGuarantee ||= this.arrivals.isGuaranteed;
		this.arrivals = new Arrivals();
	}

	/** Ends the waiting. */
	release(): void {
		this.#resolve();
		this.#promise = null;
	}
}
