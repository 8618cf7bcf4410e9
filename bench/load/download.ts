import type { Socket } from "node:net";
import { MESSAGE_SIZE, messageIn, PATTERN } from "../flow/messages.ts";
import { Pace } from "../flow/pace.ts";
import { type Transfer, targetOf } from "../flow/transfer.ts";
import { openClient, type Receiver } from "./client.ts";
import { frameHeader } from "./frames.ts";

/** Reads the messages that the server sends, at the transfer's pace. Resolves once all have come as they must be. */
export async function download(port: number, transfer: Transfer): Promise<number> {
	const reader = new Reader(transfer);
	const socket = await openClient(port, reader, { target: targetOf("download", transfer) });
	try {
		return await reader.run(socket);
	} finally {
		socket.destroy();
	}
}

const HEADER = frameHeader("binary", MESSAGE_SIZE, false);

class Reader implements Receiver {
	isResting: boolean = false;
	private readonly count: number;
	private readonly pace: Pace;
	private readonly end = Promise.withResolvers<number>();
	private socket: Socket | null = null;
	/** Messages that are complete, and bytes of the frame that is not. */
	private complete: number = 0;
	private position: number = 0;

	constructor({ count, interval }: Transfer) {
		this.count = count;
		this.pace = new Pace(interval);
		// Whoever waits for it is told; nobody does before `run`.
		this.end.promise.catch(() => {});
	}

	run(socket: Socket): Promise<number> {
		this.socket = socket;
		return this.end.promise;
	}

	received(bytes: Buffer): void {
		let messages = 0;
		for (let at = 0; at < bytes.length; ) {
			const size = this.compare(bytes, at);
			if (size === 0) return this.wrong(bytes, at);
			at += size;
			if (this.position < HEADER.length + MESSAGE_SIZE) continue;
			this.position = 0;
			this.complete++;
			messages++;
		}
		if (this.complete === this.count) this.end.resolve(this.count);
		this.rest(messages);
	}

	ended(error: Error): void {
		this.end.reject(error);
	}

	/** Compares the bytes from `at` on with what must come next: how many are right; 0: they are wrong. */
	private compare(bytes: Buffer, at: number): number {
		const inHeader = this.position < HEADER.length;
		if (this.complete === this.count) return 0;
		const expected = inHeader ? HEADER : messageIn(PATTERN, this.complete);
		const from = inHeader ? this.position : this.position - HEADER.length;
		const size = Math.min(bytes.length - at, expected.length - from);
		if (bytes.compare(expected, from, from + size, at, at + size) !== 0) return 0;
		this.position += size;
		return size;
	}

	/** Takes the time that so many messages take, and nothing is read meanwhile. */
	private rest(messages: number): void {
		let pause: Promise<void> | null = null;
		for (let i = 0; i < messages; i++) pause = this.pace.next();
		if (pause === null) return;
		this.isResting = true;
		void pause.then(() => {
			this.isResting = false;
			this.socket?.resume();
		});
	}

	private wrong(bytes: Buffer, at: number): void {
		const seen = bytes.toString("hex", at, at + 16);
		this.isResting = true;
		this.end.reject(new Error(`message ${this.complete} came wrong, at its byte ${this.position}: 0x${seen}`));
	}
}
