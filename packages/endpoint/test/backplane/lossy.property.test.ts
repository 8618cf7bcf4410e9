import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { IS_LONG_FORM } from "../../../../conformance/long-form.ts";
import type { Backplane, BackplaneMember, Gap } from "../../src/backplane/backplane.ts";
import { backplaneOver } from "../../src/backplane/index.ts";
import { settle, VirtualClock } from "../../src/memory/index.ts";
import { MemoryBroker, type MemoryCarrier } from "./memory-broker.ts";

const TOPICS = ["a", "b.*", "c >"];

/** Runs of the property. */
const RUNS = IS_LONG_FORM ? 100 : 10;

interface Sent {
	readonly text: string;
	readonly topic: string;
	readonly by: Process;
	readonly at: number;
}

/** A subscription from the moment when its promise has resolved. */
interface Guaranteed {
	readonly topic: string;
	readonly from: number;
	until: number;
}

/** A number that grows with everything that happens. */
class Order {
	#last = 0;

	next(): number {
		this.#last++;
		return this.#last;
	}
}

/** One server, without sockets. */
class Process {
	readonly carrier: MemoryCarrier;
	readonly backplane: Backplane;
	readonly member: BackplaneMember;
	readonly came: { readonly text: string; readonly topic: string }[] = [];
	readonly gaps: { readonly gap: Gap; readonly at: number }[] = [];
	readonly guaranteed: Guaranteed[] = [];
	readonly #order: Order;
	/** The present subscriptions. */
	readonly #present = new Map<string, { guaranteed: Guaranteed | null }>();
	connectedAt: number;

	constructor(broker: MemoryBroker, order: Order, whileAway: "drop" | "keep") {
		this.#order = order;
		this.carrier = broker.carrier();
		this.backplane = backplaneOver(this.carrier, { whileAway });
		this.connectedAt = broker.clock.now();
		this.member = this.backplane.join({
			platform: broker.clock,
			deliver: ({ message, topic }) => {
				if (this.#present.has(topic)) this.came.push({ text: String(message), topic });
			},
			subscriberCount: (topic) => (this.#present.has(topic) ? 1 : 0),
			tell: (event) => {
				if (event.type === "gap") this.gaps.push({ gap: event.gap, at: order.next() });
			},
		});
	}

	subscribes(topic: string): boolean {
		return this.#present.has(topic);
	}

	subscribe(topic: string): void {
		const subscription: { guaranteed: Guaranteed | null } = { guaranteed: null };
		this.#present.set(topic, subscription);
		void this.member.subscribe(topic).then(() => {
			if (this.#present.get(topic) !== subscription) return;
			subscription.guaranteed = { topic, from: this.#order.next(), until: Number.POSITIVE_INFINITY };
			this.guaranteed.push(subscription.guaranteed);
		});
	}

	unsubscribe(topic: string): void {
		const { guaranteed } = this.#present.get(topic) ?? {};
		if (guaranteed) guaranteed.until = this.#order.next();
		this.#present.delete(topic);
		this.member.unsubscribe(topic);
	}

	/** Ends without a word. */
	async kill(): Promise<void> {
		for (const topic of [...this.#present.keys()]) this.unsubscribe(topic);
		this.carrier.disconnect();
		await this.carrier.close();
		await this.backplane.close();
	}
}

interface Weather {
	readonly seed: number;
	readonly losses: boolean;
	readonly delays: boolean;
	readonly outages: boolean;
	readonly restarts: boolean;
	readonly whileAway: "drop" | "keep";
}

class Story {
	readonly clock = new VirtualClock();
	readonly broker = new MemoryBroker(this.clock);
	readonly order = new Order();
	readonly sent: Sent[] = [];
	readonly everyone: Process[] = [];
	processes: Process[] = [];
	readonly #weather: Weather;
	#seed: number;

	constructor(weather: Weather) {
		this.#weather = weather;
		this.#seed = weather.seed;
	}

	#chance(probability: number): boolean {
		return this.#below(10_000) < probability * 10_000;
	}

	#below(limit: number): number {
		this.#seed = (Math.imul(this.#seed, 1_664_525) + 1_013_904_223) >>> 0;
		return Math.floor((this.#seed / 2 ** 32) * limit);
	}

	#start(): void {
		const process = new Process(this.broker, this.order, this.#weather.whileAway);
		this.processes.push(process);
		this.everyone.push(process);
	}

	async run(): Promise<void> {
		for (let i = 0; i < 3; i++) this.#start();
		await this.clock.advance(1000);
		this.broker.fate = () => {
			if (this.#weather.losses && this.#chance(0.1)) return null;
			return this.#weather.delays ? this.#below(150) : 0;
		};
		for (let step = 0; step < 120; step++) await this.#step();
		this.broker.fate = () => 0;
		for (const { carrier } of this.processes) if (!carrier.isUp) carrier.connect();
		await this.clock.advance(12_000);
	}

	async #step(): Promise<void> {
		const process = this.processes[this.#below(this.processes.length)] as Process;
		const topic = TOPICS[this.#below(TOPICS.length)] as string;
		const { carrier } = process;
		if (this.#chance(0.15)) {
			if (process.subscribes(topic)) process.unsubscribe(topic);
			else process.subscribe(topic);
		} else if (this.#weather.outages && this.#chance(0.06)) {
			if (carrier.isUp) carrier.disconnect();
			else {
				carrier.connect();
				process.connectedAt = this.clock.now();
			}
		} else if (this.#weather.restarts && this.#chance(0.04)) {
			// One that was never heard leaves no trace.
			if (carrier.isUp && this.clock.now() - process.connectedAt > 10_000) {
				this.processes = this.processes.filter((other) => other !== process);
				await process.kill();
				this.#start();
			}
		} else if (this.#chance(0.7)) {
			const text = `${this.everyone.indexOf(process)}:${this.sent.length}`;
			this.sent.push({ text, topic, by: process, at: this.order.next() });
			process.member.publish({ topic, message: text, plain: false, slow: null, key: null });
		} else await this.clock.advance(this.#below(1500));
		await settle();
	}

	/** What a process should have got and has not, and was not told of. */
	silent(process: Process): Sent[] {
		const came = new Set(process.came.map(({ text }) => text));
		return process.guaranteed.flatMap(({ topic, from, until }) => {
			const gaps = process.gaps.filter(({ gap, at }) => gap.topic === topic && at > from);
			const end = gaps.findLast(({ gap }) => gap.missed === null)?.at ?? 0;
			const counted = gaps.reduce((sum, { gap }) => sum + (gap.missed ?? 0), 0);
			const lost = this.sent.filter(
				(sent) =>
					sent.topic === topic &&
					sent.by !== process &&
					sent.at > from &&
					// What was published just before the end of the subscription may still be on its way.
					until === Number.POSITIVE_INFINITY &&
					sent.at > end &&
					!came.has(sent.text),
			);
			return lost.slice(counted);
		});
	}
}

const weather = fc.record({
	seed: fc.integer(),
	losses: fc.boolean(),
	delays: fc.boolean(),
	outages: fc.boolean(),
	restarts: fc.boolean(),
	whileAway: fc.constantFrom("drop" as const, "keep" as const),
});

describe("what was sent is what came and what was reported", () => {
	test("with losses, delays, outages and restarts", { timeout: 300_000 }, async () => {
		await fc.assert(
			fc.asyncProperty(weather, async (given) => {
				const story = new Story(given);
				await story.run();
				for (const process of story.everyone) {
					expect(story.silent(process).map(({ text }) => text)).toEqual([]);
					const texts = process.came.map(({ text }) => text);
					expect(new Set(texts).size, "none twice").toBe(texts.length);
					for (const by of story.everyone.keys())
						for (const topic of TOPICS) {
							const numbers = process.came
								.filter((each) => each.topic === topic && each.text.startsWith(`${by}:`))
								.map(({ text }) => Number(text.split(":")[1]));
							expect(numbers, "in the order of the publisher").toEqual(numbers.toSorted((x, y) => x - y));
						}
					if (!given.losses && !given.outages && !given.restarts) expect(process.gaps).toEqual([]);
				}
			}),
			{ numRuns: RUNS },
		);
	});
});
