import { openClient, type Receiver } from "./client.ts";
import { clientFrame } from "./frames.ts";
import type { Load } from "./load.ts";

const GOODBYE = clientFrame("close", Buffer.of(0x03, 0xe8), 0x9e3779b1);

/** RFC 6455 §5.5.1: an endpoint that answers a Close frame typically echoes its status code. */
const ANSWERS = [Buffer.of(0x88, 0x02, 0x03, 0xe8), Buffer.of(0x88, 0x00)];

/** Connections that are opened and at once closed by a closing handshake, so many at a time. */
export class Openings implements Load {
	private readonly port: number;
	private readonly atOnce: number;
	private until = 0;

	constructor(port: number, atOnce: number) {
		this.port = port;
		this.atOnce = atOnce;
	}

	/** Resolves with the number of connections, once the last of them is closed. */
	async run({ milliseconds }: { readonly milliseconds: number }): Promise<number> {
		this.until = performance.now() + milliseconds;
		const counts = await Promise.all(Array.from({ length: this.atOnce }, () => this.openInTurn()));
		return counts.reduce((sum, count) => sum + count, 0);
	}

	/** Between runs nothing is open. */
	reset(): void {
		this.until = 0;
	}

	private async openInTurn(): Promise<number> {
		let count = 0;
		do {
			const visit = new Visit();
			const socket = await openClient(this.port, visit);
			socket.write(GOODBYE);
			await visit.isOver;
			count++;
		} while (performance.now() < this.until);
		return count;
	}
}

/** One connection; its server must answer the Close frame, and then close the connection. */
class Visit implements Receiver {
	private readonly end = Promise.withResolvers<void>();
	private answer: Buffer = Buffer.alloc(0);
	readonly isOver: Promise<void> = this.end.promise;

	constructor() {
		// Whoever waits for it is told; nobody does before the connection is open.
		this.isOver.catch(() => {});
	}

	received(bytes: Buffer): void {
		this.answer = Buffer.concat([this.answer, bytes]);
	}

	ended(error: Error): void {
		if ("code" in error) return this.end.reject(error);
		if (ANSWERS.some((answer) => answer.equals(this.answer))) return this.end.resolve();
		this.end.reject(new Error(`the server answered a Close frame by ${this.answer.toString("hex") || "nothing"}`));
	}
}
