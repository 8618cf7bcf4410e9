import { EchoExchange } from "./exchange.ts";
import { randomNumbers } from "./payload.ts";
import type { TrafficOptions } from "./traffic.ts";

/** So many messages are echoed before a connection looks whether there is time for more. */
const PORTION = 16;
/** How many messages a connection carries before it makes room for another one: from so many, and so many more at the most. */
const SHORTEST_LIFE = 32;
const LIFE_SPREAD = 128;
/** One seat in so many carries large messages. */
const LARGE_EVERY = 50;

const SMALL: TrafficOptions = { kind: "json", size: 1024, inFlight: 4, compression: true };
const LARGE: TrafficOptions = { ...SMALL, size: 64 * 1024 };

/** A place that one connection after another takes. */
interface Seat {
	readonly traffic: TrafficOptions;
	exchange: EchoExchange | null;
	/** Messages until its connection goes. */
	left: number;
}

/** A steady number of connections that are all busy, and come and go. */
export class Churn {
	private readonly port: number;
	private readonly seats: readonly Seat[];
	private readonly next = randomNumbers(1);
	private until = 0;
	private opened = 0;

	constructor(port: number, connections: number) {
		this.port = port;
		this.seats = Array.from({ length: connections }, (_, i) => ({
			traffic: i % LARGE_EVERY === 0 ? LARGE : SMALL,
			exchange: null,
			left: 0,
		}));
	}

	/** So many messages on each seat, or as many as there is time for. Resolves with their number. */
	async run(messages: number, milliseconds: number): Promise<number> {
		this.until = performance.now() + milliseconds;
		const echoed = await Promise.all(this.seats.map((seat) => this.fill(seat, messages)));
		return echoed.reduce((sum, count) => sum + count, 0);
	}

	/** All connections go. Resolves with the number of those that ever came. */
	async end(): Promise<number> {
		await Promise.all(this.seats.map((seat) => this.empty(seat)));
		return this.opened;
	}

	private async fill(seat: Seat, messages: number): Promise<number> {
		let echoed = 0;
		while (echoed < messages && performance.now() < this.until) {
			seat.exchange ??= await this.open(seat);
			const portion = Math.min(PORTION, messages - echoed, seat.left);
			echoed += await seat.exchange.run({ messages: portion });
			seat.exchange.check();
			seat.left -= portion;
			if (seat.left === 0) await this.empty(seat);
		}
		return echoed;
	}

	private open(seat: Seat): Promise<EchoExchange> {
		this.opened++;
		seat.left = SHORTEST_LIFE + Math.floor((this.next() / 2 ** 32) * LIFE_SPREAD);
		return EchoExchange.open(this.port, seat.traffic);
	}

	/** One half of the connections is closed, the other half breaks off. */
	private async empty(seat: Seat): Promise<void> {
		if (this.next() < 2 ** 31) await seat.exchange?.leave();
		else seat.exchange?.reset();
		seat.exchange = null;
	}
}
