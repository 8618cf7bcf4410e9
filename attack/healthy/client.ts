import type { Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { openClient } from "../../bench/load/client.ts";
import { clientFrame } from "../../bench/load/frames.ts";
import { HEALTHY_ROOM } from "../attackers/target.ts";
import { Frames } from "./frames.ts";
import { Ledger } from "./ledger.ts";
import type { HealthyReply, HealthyRequest } from "./protocol.ts";

/** Between two messages, in milliseconds. */
export const PACE = 5;
/** So long the last messages may be under way before they are lost. */
const PATIENCE = 10_000;
const PADDING = " ".repeat(80);
const TEXT = 0x81;

/** What is needed of a connection. */
type Connection = Pick<Socket, "destroyed" | "write" | "resetAndDestroy">;

/** Opens a connection like `openClient`. */
type Open = (...args: Parameters<typeof openClient>) => Promise<Connection>;

/**
 * Sends at a steady pace, whether or not anything comes back, and checks that each message comes where it should. Beside an
 * echo server it is one connection, in a chat it is two members.
 */
export class Client {
	private readonly dial: Open;
	private sockets: readonly Connection[] = [];
	private ledger: Ledger = new Ledger(1, 1);
	private failure: string | null = null;
	private isClosing = false;
	/** Sends; null: no message leaves. */
	private timer: NodeJS.Timeout | null = null;
	private turn = 0;

	constructor(dial: Open = openClient) {
		this.dial = dial;
	}

	async perform(request: HealthyRequest): Promise<HealthyReply> {
		switch (request.ask) {
			case "open": {
				const count = request.server === "chat" ? 2 : 1;
				this.ledger = new Ledger(count, count);
				this.failure = null;
				this.isClosing = false;
				this.sockets = await Promise.all(Array.from({ length: count }, (_, i) => this.member(request.port, i)));
				return { done: true };
			}
			case "begin":
				// With two timers, `finish` would stop one. What the other one sends would be under way when the numbers begin anew, and
				// would count as lost.
				if (this.timer !== null) throw new Error("it sends already");
				this.ledger.begin();
				this.timer = setInterval(() => this.send(), PACE);
				return { done: true };
			case "finish":
				this.stop();
				await this.settled();
				return this.ledger.health(this.failure);
			case "close":
				// An attack that the server does not survive has a beginning and no finish.
				this.stop();
				this.isClosing = true;
				for (const socket of this.sockets) socket.resetAndDestroy();
				return { done: true };
		}
	}

	private member(port: number, receiver: number): Promise<Connection> {
		const { ledger } = this;
		const frames = new Frames();
		return this.dial(
			port,
			{
				received(bytes) {
					for (const { first, payload } of frames.take(bytes)) {
						if (first === TEXT) receive(ledger, receiver, payload.toString("latin1"));
					}
				},
				ended: (error) => {
					if (!this.isClosing) this.failure ??= error.message;
				},
			},
			{ target: HEALTHY_ROOM },
		);
	}

	private send(): void {
		const sender = this.turn++ % this.sockets.length;
		const socket = this.sockets[sender]!;
		if (socket.destroyed) return;
		const number = this.ledger.send(sender, performance.now());
		socket.write(clientFrame("text", Buffer.from(`healthy ${sender} ${number} ${PADDING}`), number));
	}

	private stop(): void {
		if (this.timer !== null) clearInterval(this.timer);
		this.timer = null;
	}

	private async settled(): Promise<void> {
		const until = performance.now() + PATIENCE;
		while (this.ledger.missing > 0 && this.failure === null && performance.now() < until) await pause(PACE);
	}
}

function receive(ledger: Ledger, receiver: number, text: string): void {
	// In the same room there are others.
	const found = /^healthy (\d) (\d+) /.exec(text);
	if (found !== null) ledger.receive(receiver, Number(found[1]), Number(found[2]), performance.now());
}
