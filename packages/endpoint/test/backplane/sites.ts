import { backplaneOver } from "../../src/backplane/index.ts";
import type { Backplane, Gap, Observed, Server, ServerOptions, Socket } from "../../src/index.ts";
import { MemoryNetwork, VirtualClock } from "../../src/memory/index.ts";
import { MemoryBroker, type MemoryCarrier } from "./memory-broker.ts";

/** A client that is subscribed to topics of a site. */
interface Client {
	readonly messages: (string | Uint8Array)[];
	/** The client's own end. */
	readonly here: Socket;
	/** The server's socket. */
	readonly socket: Socket;
	/** Resolves when all of its subscriptions are guaranteed. */
	readonly subscribed: Promise<void>;
}

/** One server with a backplane. */
export interface Site {
	readonly server: Server;
	readonly backplane: Backplane;
	readonly carrier: MemoryCarrier;
	readonly gaps: Gap[];
	readonly events: Observed[];
	readonly errors: unknown[];
	client(...topics: string[]): Promise<Client>;
}

interface SiteOptions {
	readonly whileAway?: "keep" | "drop";
	readonly maxBufferedBytes?: number;
	/** The broker can be reached. Default true. */
	readonly isUp?: boolean;
	/** Instead of one of its own. */
	readonly backplane?: Backplane;
	readonly server?: Partial<ServerOptions>;
}

/** Servers that share a broker in memory. */
export class Sites {
	readonly clock: VirtualClock = new VirtualClock();
	readonly network: MemoryNetwork = new MemoryNetwork(this.clock);
	readonly broker: MemoryBroker = new MemoryBroker(this.clock);
	#port: number = 1;

	/** Starts a server. */
	async site({ isUp = true, backplane, server: more, ...options }: SiteOptions = {}): Promise<Site> {
		const carrier = this.broker.carrier();
		carrier.isUp = isUp;
		const [gaps, events, errors, opened]: [Gap[], Observed[], unknown[], Socket[]] = [[], [], [], []];
		const port = this.#port++;
		const used = backplane ?? backplaneOver(carrier, options);
		const server = await this.network.serve(port, {
			backplane: used,
			gap: (gap) => gaps.push(gap),
			observe: (event) => void events.push(event),
			open: (socket) => void opened.push(socket),
			error: (error) => void errors.push(error),
			...more,
		});
		const client = async (...topics: string[]): Promise<Client> => {
			const messages: (string | Uint8Array)[] = [];
			const here = await this.network.connect(`ws://memory:${port}/`, {
				message: (_, message) => void messages.push(message),
			});
			const socket = opened.at(-1) as Socket;
			const subscribed = Promise.all(topics.map((topic) => socket.subscribe(topic))).then(() => {});
			return { messages, here, socket, subscribed };
		};
		return { server, backplane: used, carrier, gaps, events, errors, client };
	}

	/** Starts servers and waits until they know one another. */
	async known(count: number, options: SiteOptions = {}): Promise<Site[]> {
		const sites = await Promise.all(Array.from({ length: count }, () => this.site(options)));
		await this.clock.advance(400);
		return sites;
	}
}

/** The kinds of messages on the wire, by their second octet. */
export const BEAT = 2;
export const ANSWER = 5;
export const MESSAGE = 1;
