import { EventEmitter, once } from "node:events";
import type { Backplane, Gap, Observed, Server, Socket } from "@barewire/endpoint";
import { connect, serve } from "@barewire/transport-node";

/** A server with one client that is subscribed to topics. */
export class BrokerSite {
	readonly gaps: Gap[] = [];
	readonly events: Observed[] = [];
	readonly messages: (string | Uint8Array)[] = [];
	/** What the handler `error` was told. */
	readonly failures: unknown[] = [];
	readonly backplane: Backplane;
	server!: Server;
	/** Resolves when all subscriptions of the client are guaranteed. */
	subscribed: Promise<unknown> = Promise.resolve();
	#client: Socket | null = null;
	readonly #changes = new EventEmitter();

	private constructor(backplane: Backplane) {
		this.backplane = backplane;
	}

	static async start(backplane: Backplane, topics: readonly string[]): Promise<BrokerSite> {
		const site = new BrokerSite(backplane);
		await site.#start(topics);
		return site;
	}

	async #start(topics: readonly string[]): Promise<void> {
		const opened = Promise.withResolvers<void>();
		this.server = await serve({
			port: 0,
			hostname: "127.0.0.1",
			backplane: this.backplane,
			gap: (gap) => void this.#changed(this.gaps.push(gap)),
			observe: (event) => void this.#changed(this.events.push(event)),
			error: (error) => void this.#changed(this.failures.push(error)),
			open: (socket) => {
				this.subscribed = Promise.all(topics.map((topic) => socket.subscribe(topic)));
				opened.resolve();
			},
		});
		const { address } = this.server;
		if (address.transport !== "tcp") throw new Error("the server does not listen on TCP");
		this.#client = await connect(`ws://127.0.0.1:${address.port}/`, {
			message: (_, message) => void this.#changed(this.messages.push(message)),
		});
		await opened.promise;
	}

	/** Resolves as soon as it is true: it is looked at whenever something happens here. */
	async until(isTrue: () => boolean): Promise<void> {
		while (!isTrue()) await once(this.#changes, "change");
	}

	async stop(): Promise<void> {
		this.#client?.terminate();
		await this.server.close({ deadline: 0 });
	}

	/** `count`: how many there are now. */
	#changed(_count: number): void {
		this.#changes.emit("change");
	}
}
