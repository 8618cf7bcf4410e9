import { EchoExchange } from "./exchange.ts";
import type { TrafficOptions } from "./traffic.ts";

/** So many connections are opened at a time. */
const BATCH = 200;

/** What is done with each connection before it rests. */
export interface Use {
	readonly traffic: TrafficOptions;
	/** How many messages it has echoed: what a server makes at first use belongs to what it holds. */
	readonly messages: number;
}

/** Opens connections that have been used, and rest. */
export async function openIdle(port: number, count: number, use: Use): Promise<EchoExchange[]> {
	const opened: EchoExchange[] = [];
	while (opened.length < count) {
		const batch = Math.min(BATCH, count - opened.length);
		opened.push(...(await Promise.all(Array.from({ length: batch }, () => openUsed(port, use)))));
	}
	return opened;
}

async function openUsed(port: number, { traffic, messages }: Use): Promise<EchoExchange> {
	const exchange = await EchoExchange.open(port, traffic);
	await exchange.run({ messages });
	exchange.check();
	exchange.rest();
	return exchange;
}
