import type { Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { openClient } from "../../bench/load/client.ts";
import { FIN, OPCODE, shortFrame } from "../attackers/bytes.ts";
import { FrameReader } from "./frame-reader.ts";
import type { Kind } from "./protocol.ts";
import type { Value } from "./value.ts";

/** A slow one reads so many bytes at once, */
const READ_SIZE = 8192;
/** and so many a second. */
const SLOW_RATE = 10_000;

const PING_CAME = FIN | OPCODE.ping;
const CLOSE_CAME = FIN | OPCODE.close;
const PONG = shortFrame(FIN | OPCODE.pong, Buffer.alloc(0));

/** A raw client that reads as its kind does, answers pings and Close, and looks at the order of what comes. */
export class Subscriber {
	readonly kind: Kind;
	/** It is told of each value. */
	onValue: (value: Value) => void = () => {};
	/** When the latest value that came was published; 0: none came. */
	lastTime = 0;
	disorder = 0;
	missing = 0;
	hasEnded = false;
	/** After a read: no more until it is resumed. */
	isResting: boolean;
	private lastNumber: number | null = null;
	private socket: Socket | null = null;
	private readonly frames = new FrameReader(
		(value) => this.take(value),
		(first, payload) => this.answer(first, payload),
	);

	private constructor(kind: Kind) {
		this.kind = kind;
		this.isResting = kind !== "fast";
	}

	static async open(port: number, kind: Kind): Promise<Subscriber> {
		const subscriber = new Subscriber(kind);
		const options = { target: `/${kind}`, ...(kind === "fast" ? null : { readSize: READ_SIZE }) };
		subscriber.socket = await openClient(port, subscriber, options);
		if (kind === "slow") void subscriber.readSlowly();
		return subscriber;
	}

	received(bytes: Buffer): void {
		this.frames.take(bytes);
	}

	ended(): void {
		this.hasEnded = true;
	}

	/** From now on it reads all that comes. */
	catchUp(): void {
		this.isResting = false;
		this.socket?.resume();
	}

	private async readSlowly(): Promise<void> {
		while (this.isResting && !this.hasEnded) {
			await pause((READ_SIZE / SLOW_RATE) * 1000);
			this.socket?.resume();
		}
	}

	private take(value: Value): void {
		const { number } = value;
		if (this.lastNumber !== null && number <= this.lastNumber) this.disorder++;
		else if (this.lastNumber !== null) this.missing += number - this.lastNumber - 1;
		this.lastNumber = number;
		this.lastTime = value.time;
		this.onValue(value);
	}

	private answer(first: number, payload: Buffer): void {
		if (first === PING_CAME) this.socket?.write(PONG);
		else if (first === CLOSE_CAME) this.socket?.write(shortFrame(CLOSE_CAME, payload));
	}
}
