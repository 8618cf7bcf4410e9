import { Broker } from "../conformance/backplane/brokers/broker.ts";
import { KINDS } from "../conformance/backplane/brokers/kinds.ts";
import type { BrokerName, Settings } from "./arguments.ts";
import type { Flood, Report } from "./messages.ts";
import { BURST, BURSTS_IN_ROUND, SITES } from "./schedule.ts";
import { Sites } from "./sites.ts";

/** What was measured with one broker. */
export interface Result {
	readonly broker: BrokerName;
	/** Messages that were published, and seconds until all of them had arrived. */
	readonly messages: number;
	readonly seconds: number;
	/** Of each server, after that. */
	readonly exact: readonly Report[];
	/** With the broker stopped: what the publishing server has seen. */
	readonly flood: Flood;
	/** Of each server, when the broker was back and everything was reported. */
	readonly after: readonly Report[];
}

const KIND_NAMES: Record<BrokerName, string> = { nats: "NATS", redis: "Redis" };

/** null: the broker is not on this machine. */
export async function measure(broker: BrokerName, { messages, pause }: Settings): Promise<Result | null> {
	const kind = KINDS.find(({ name }) => name === KIND_NAMES[broker]);
	if (kind === undefined || kind.program === null) return null;
	const started = await Broker.onFreePort(kind.program);
	let sites: Sites | null = null;
	try {
		await started.start();
		sites = await Sites.start(kind.name, started.port);
		const rounds = Math.ceil(messages / (SITES * BURST * BURSTS_IN_ROUND));
		const begin = performance.now();
		for (let round = 0; round < rounds; round++) {
			const [first, last] = [round * BURSTS_IN_ROUND, (round + 1) * BURSTS_IN_ROUND];
			await sites.askAll({ do: "round", first, last }, "done");
		}
		const seconds = (performance.now() - begin) / 1000;
		const exact = await sites.reports();
		started.pause();
		const command = { do: "flood", milliseconds: pause * 1000, burst: rounds * BURSTS_IN_ROUND } as const;
		const { flood } = await sites.ask(0, command, "flooded");
		started.resume();
		const after = await settled(sites, exact, flood);
		await sites.stop();
		return { broker, messages: rounds * SITES * BURST * BURSTS_IN_ROUND, seconds, exact, flood, after };
	} finally {
		sites?.kill();
		await started.remove();
	}
}

/** Asks until every message of the flood has arrived at the other servers or is reported, or for 20 seconds. */
async function settled(sites: Sites, exact: readonly Report[], flood: Flood): Promise<readonly Report[]> {
	const end = performance.now() + 20_000;
	for (;;) {
		const reports = await sites.reports();
		const isSettled = reports.every((report, site) => site === 0 || silentlyLost(report, exact[site], flood) <= 0);
		if (isSettled || performance.now() > end) return reports;
		await new Promise((resolve) => setTimeout(resolve, 200));
	}
}

/** Deliveries of the flood at another server that have neither come nor are reported by number. */
export function silentlyLost(report: Report, before: Report | undefined, { wanted }: Flood): number {
	return wanted - (report.came - (before?.came ?? 0)) - report.reported;
}
