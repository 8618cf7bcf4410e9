import { expect, test } from "vitest";
import { backplaneOver } from "../../src/backplane/index.ts";
import type { Gap, Observed, Server, Socket } from "../../src/index.ts";
import { MemoryNetwork, settle, VirtualClock } from "../../src/memory/index.ts";
import { MemoryBroker, type MemoryCarrier } from "./memory-broker.ts";

interface Site {
	readonly server: Server;
	readonly carrier: MemoryCarrier;
	readonly gaps: Gap[];
	readonly events: Observed[];
	/** A client that is subscribed to the topics, and what it gets. */
	client(
		...topics: string[]
	): Promise<{ messages: (string | Uint8Array)[]; socket: Socket; subscribed: Promise<void> }>;
}

/** Servers that share a broker in memory. */
class Sites {
	readonly clock = new VirtualClock();
	readonly network = new MemoryNetwork(this.clock);
	readonly broker = new MemoryBroker(this.clock);
	#port = 1;

	async site(options: { whileAway?: "keep" | "drop"; maxBufferedBytes?: number } = {}, isUp = true): Promise<Site> {
		const carrier = this.broker.carrier();
		carrier.isUp = isUp;
		const gaps: Gap[] = [];
		const events: Observed[] = [];
		const port = this.#port++;
		const opened: Socket[] = [];
		const server = await this.network.serve(port, {
			backplane: backplaneOver(carrier, options),
			gap: (gap) => gaps.push(gap),
			observe: (event) => events.push(event),
			open: (socket) => void opened.push(socket),
		});
		const client = async (...topics: string[]) => {
			const messages: (string | Uint8Array)[] = [];
			await this.network.connect(`ws://memory:${port}/`, { message: (_, message) => void messages.push(message) });
			const socket = opened.at(-1) as Socket;
			const subscribed = Promise.all(topics.map((topic) => socket.subscribe(topic))).then(() => {});
			return { messages, socket, subscribed };
		};
		return { server, carrier, gaps, events, client };
	}
}

test("a published message reaches the subscribers of every server, each once", async () => {
	const sites = new Sites();
	const [a, b] = [await sites.site(), await sites.site()];
	const [here, there] = [await a.client("news"), await b.client("news")];
	await sites.clock.advance(500);
	await Promise.all([here.subscribed, there.subscribed]);
	expect(a.server.publish("news", "one")).toBe(1);
	b.server.publish("news", Uint8Array.of(1, 2));
	await settle();
	expect(here.messages).toEqual(["one", Uint8Array.of(1, 2)]);
	expect(there.messages).toEqual(["one", Uint8Array.of(1, 2)]);
	await sites.clock.advance(5000);
	expect([...a.gaps, ...b.gaps]).toEqual([]);
	await Promise.all([a.server.close({ deadline: 0 }), b.server.close({ deadline: 0 })]);
	expect(sites.clock.pendingTimers).toBe(0);
});
