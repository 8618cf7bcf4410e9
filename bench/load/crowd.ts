import type { Socket } from "node:net";
import { openClient, type Receiver } from "./client.ts";
import { pingSize } from "./frames.ts";
import type { Load } from "./load.ts";
import { type Replies, type Traffic, type TrafficOptions, trafficFor } from "./traffic.ts";

/** So many connections are opened at a time. */
const BATCH = 200;

const TRAFFIC: TrafficOptions = { kind: "text", size: 20, inFlight: 1, compression: false };

/**
 * Connections of which some are active, with the same number of messages on their way however many there are: each reply lets the
 * active connection that has waited longest send its next one.
 */
export class Crowd implements Load {
	/** Messages on their way. */
	static readonly IN_FLIGHT = 10;

	private readonly port: number;
	private readonly members: Member[] = [];
	/** The active ones that have no message on its way; those that have waited longest come first. */
	private waiting: Member[] = [];
	private next = 0;
	private underWay = 0;
	private echoed = 0;
	private until = 0;
	private settle: ((error: Error | null) => void) | null = null;
	private failure: Error | null = null;

	constructor(port: number) {
		this.port = port;
	}

	/** From now on there are so many connections, and so many of them are active. */
	async grow(connections: number, active: number): Promise<void> {
		while (this.members.length < connections) {
			const count = Math.min(BATCH, connections - this.members.length);
			const batch = Array.from({ length: count }, () => Member.open(this.port, this));
			this.members.push(...(await Promise.all(batch)));
		}
		this.waiting = this.members.slice(0, active);
		this.next = 0;
	}

	/** Resolves with the number of messages echoed, once the last of them is. */
	async run({ milliseconds }: { readonly milliseconds: number }): Promise<number> {
		if (this.failure !== null) throw this.failure;
		const before = this.echoed;
		this.until = performance.now() + milliseconds;
		const finished = new Promise<void>((resolve, reject) => {
			this.settle = (error) => (error === null ? resolve() : reject(error));
		});
		for (let i = 0; i < Crowd.IN_FLIGHT; i++) this.sendNext();
		try {
			await finished;
		} finally {
			this.settle = null;
		}
		return this.echoed - before;
	}

	reset(): void {
		for (const member of this.members) member.reset();
	}

	/** The member's message is echoed: it stands at the end of the row again. */
	answered(member: Member): void {
		this.echoed++;
		this.underWay--;
		this.waiting.push(member);
		if (performance.now() < this.until) this.sendNext();
		else if (this.underWay === 0) this.settle?.(null);
	}

	fail(error: Error): void {
		this.failure ??= error;
		this.settle?.(this.failure);
	}

	private sendNext(): void {
		const member = this.waiting[this.next++]!;
		// The row is closed up now and then: to do so for each message would cost more than all else.
		if (this.next * 2 > this.waiting.length) {
			this.waiting = this.waiting.slice(this.next);
			this.next = 0;
		}
		this.underWay++;
		member.send();
	}
}

/** One connection, with one message on its way at the most. */
class Member implements Receiver {
	private readonly traffic: Traffic = trafficFor(TRAFFIC, "");
	private readonly replies: Replies = this.traffic.replies();
	private readonly crowd: Crowd;
	private socket: Socket | null = null;
	private sent = 0;
	private isOver = false;

	private constructor(crowd: Crowd) {
		this.crowd = crowd;
	}

	static async open(port: number, crowd: Crowd): Promise<Member> {
		const member = new Member(crowd);
		member.socket = await openClient(port, member);
		return member;
	}

	send(): void {
		this.socket?.write(this.traffic.frames(this.sent, 1));
		this.sent++;
	}

	reset(): void {
		this.isOver = true;
		this.socket?.resetAndDestroy();
	}

	received(bytes: Buffer): void {
		if (this.isOver) return;
		// A server may ping a connection that rests. It would wait longer for an answer than the connection lives.
		const pings = this.replies.isCut ? 0 : pingSize(bytes);
		if (pings === bytes.length) return;
		try {
			if (this.replies.take(bytes.subarray(pings)) > 0) this.crowd.answered(this);
		} catch (error) {
			this.ended(new Error(`${(error as Error).message}, in or near reply ${this.sent} of a connection`));
		}
	}

	ended(error: Error): void {
		if (!this.isOver) this.crowd.fail(error);
		this.socket?.destroy();
	}
}
