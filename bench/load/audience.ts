import type { Socket } from "node:net";
import { CYCLE, JOIN, messagesOf, requestFor } from "../broadcast/messages.ts";
import { openClient, type Receiver } from "./client.ts";
import { clientFrame, frameHeader } from "./frames.ts";
import type { Load } from "./load.ts";
import { PlainReplies } from "./plain.ts";

export interface BroadcastOptions {
	/** Bytes of a message. */
	readonly size: number;
	readonly peers: number;
	/** Messages that are published in one turn of the server; a part of the cycle. */
	readonly publishes: number;
}

/** So many connections are opened at a time. */
const BATCH = 100;

/**
 * Peers that all get what the server publishes. The first of them asks for it: for the next messages once each peer has had
 * all of those before.
 */
export class Audience implements Load {
	private readonly peers: Peer[] = [];
	private readonly options: BroadcastOptions;
	private readonly requests: readonly Buffer[];
	private step = 0;
	/** Messages of this step that are still to come, for all peers together. */
	private owed = 0;
	private until = 0;
	private settle: ((error: Error | null) => void) | null = null;
	private failure: Error | null = null;

	private constructor(options: BroadcastOptions) {
		this.options = options;
		const { publishes, size } = options;
		this.requests = Array.from({ length: CYCLE / publishes }, (_, step) =>
			clientFrame("text", Buffer.from(requestFor(step * publishes, publishes, size)), 0x9e3779b1 * (step + 1)),
		);
	}

	/** Resolves once all have joined. */
	static async open(port: number, options: BroadcastOptions): Promise<Audience> {
		const audience = new Audience(options);
		const frames = messagesOf(options.size).map((text) => serverFrame(text));
		const expected = Buffer.concat(frames);
		const { peers } = audience;
		while (peers.length < options.peers) {
			const batch = Array.from({ length: Math.min(BATCH, options.peers - peers.length) }, () => {
				const peer = new Peer(new PlainReplies(expected, frames[0]!.length), audience);
				return peer.join(port);
			});
			peers.push(...(await Promise.all(batch)));
		}
		return audience;
	}

	/** Resolves with the number of messages that were delivered, once the last of them is. */
	async run({ milliseconds }: { readonly milliseconds: number }): Promise<number> {
		if (this.failure !== null) throw this.failure;
		const before = this.step;
		this.until = performance.now() + milliseconds;
		const finished = new Promise<void>((resolve, reject) => {
			this.settle = (error) => (error === null ? resolve() : reject(error));
		});
		this.ask();
		try {
			await finished;
		} finally {
			this.settle = null;
		}
		return (this.step - before) * this.options.publishes * this.options.peers;
	}

	reset(): void {
		for (const peer of this.peers) peer.reset();
	}

	/** How many messages each peer is to have at the most. */
	get due(): number {
		return this.step * this.options.publishes;
	}

	/** A peer has had so many more. */
	delivered(messages: number): void {
		this.owed -= messages;
		if (this.owed > 0 || messages === 0) return;
		if (performance.now() < this.until) this.ask();
		else this.settle?.(null);
	}

	fail(error: Error): void {
		this.failure ??= error;
		this.settle?.(this.failure);
	}

	private ask(): void {
		const { publishes, peers } = this.options;
		this.owed = publishes * peers;
		this.peers[0]!.say(this.requests[this.step % this.requests.length]!);
		this.step++;
	}
}

const JOINING = clientFrame("text", Buffer.from(JOIN), 0x9e3779b1);
const JOINED = serverFrame(JOIN);

/** One connection. Each message must be the next one, byte for byte. */
class Peer implements Receiver {
	private readonly replies: PlainReplies;
	private readonly audience: Audience;
	private readonly joined = Promise.withResolvers<void>();
	private answer: Buffer | null = Buffer.alloc(0);
	private socket: Socket | null = null;
	private had = 0;
	private isOver = false;

	constructor(replies: PlainReplies, audience: Audience) {
		this.replies = replies;
		this.audience = audience;
	}

	async join(port: number): Promise<this> {
		this.socket = await openClient(port, this);
		this.say(JOINING);
		await this.joined.promise;
		return this;
	}

	say(frame: Buffer): void {
		this.socket?.write(frame);
	}

	reset(): void {
		this.isOver = true;
		this.socket?.resetAndDestroy();
	}

	received(bytes: Buffer): void {
		if (this.isOver) return;
		if (this.answer !== null) return this.hear(Buffer.concat([this.answer, bytes]));
		try {
			const messages = this.replies.take(bytes);
			this.had += messages;
			if (this.had > this.audience.due) throw new Error("the server published too much");
			this.audience.delivered(messages);
		} catch (error) {
			this.audience.fail(new Error(`${(error as Error).message}, in or near message ${this.had + 1} of a peer`));
		}
	}

	ended(error: Error): void {
		if (this.isOver) return;
		this.joined.reject(error);
		this.audience.fail(error);
	}

	private hear(answer: Buffer): void {
		this.answer = answer;
		if (answer.length < JOINED.length) return;
		if (!answer.equals(JOINED)) return this.joined.reject(new Error("the server did not say that the peer has joined"));
		this.answer = null;
		this.joined.resolve();
	}
}

function serverFrame(text: string): Buffer {
	const payload = Buffer.from(text);
	return Buffer.concat([frameHeader("text", payload.length, false), payload]);
}
