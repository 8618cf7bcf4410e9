import { percentile } from "../../bench/percentile.ts";
import type { Health } from "../figures.ts";

/** Which messages were sent and which have come where they should, each once and in the order of its sender. */
export class Ledger {
	private readonly senders: number;
	private readonly receivers: number;
	/** When each message was sent, by sender. */
	private sent: number[][] = [];
	/** The number of the next message from each sender to each receiver. */
	private next: number[][] = [];
	/** What has come that should not have: twice, in another order, never sent. */
	private wrong = 0;
	private latencies: number[] = [];

	constructor(senders: number, receivers: number) {
		this.senders = senders;
		this.receivers = receivers;
		this.begin();
	}

	/** Begins anew, with message number 0 of each sender. */
	begin(): void {
		this.sent = Array.from({ length: this.senders }, () => []);
		this.next = Array.from({ length: this.receivers }, () => Array.from({ length: this.senders }, () => 0));
		this.wrong = 0;
		this.latencies = [];
	}

	/** The number of the message that is sent now. */
	send(sender: number, now: number): number {
		return this.sent[sender]!.push(now) - 1;
	}

	receive(receiver: number, sender: number, number: number, now: number): void {
		const expected = this.next[receiver]?.[sender];
		const time = this.sent[sender]?.[number];
		if (expected === undefined || time === undefined || number < expected) {
			this.wrong++;
			return;
		}
		this.wrong += number - expected;
		this.next[receiver]![sender] = number + 1;
		this.latencies.push(now - time);
	}

	/** How many messages are still under way, counted for each receiver. */
	get missing(): number {
		return this.next.flat().reduce((sum, next, i) => sum + this.sent[i % this.senders]!.length - next, 0);
	}

	health(failure: string | null): Health {
		return {
			sent: this.sent.flat().length,
			lost: this.wrong + this.missing,
			p50: percentile(this.latencies, 0.5),
			p99: percentile(this.latencies, 0.99),
			failure,
		};
	}
}
