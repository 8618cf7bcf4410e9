import type { StreamEvents } from "@barewire/endpoint";
import { concat } from "../arbitraries/bytes.ts";

/** What a stream told, in its order; bytes that came one after the other count as one event. */
export class StreamLog implements StreamEvents {
	readonly order: (keyof StreamEvents)[] = [];
	/** As they were given, not copied. */
	readonly chunks: Uint8Array[] = [];
	/** How many bytes came. */
	length: number = 0;
	/** How often `drained` was told. */
	drains: number = 0;
	/** Why the stream is gone; undefined: it is not. */
	error: Error | null | undefined = undefined;
	/** Called inside `received`, after the chunk was noted. */
	onReceived: ((chunk: Uint8Array) => void) | null = null;
	/** Called inside `drained`. */
	onDrained: (() => void) | null = null;
	private waiting: (() => void)[] = [];

	received(chunk: Uint8Array): void {
		this.chunks.push(chunk);
		this.length += chunk.length;
		this.note("received");
		this.onReceived?.(chunk);
	}

	ended(): void {
		this.note("ended");
	}

	drained(): void {
		this.drains++;
		this.note("drained");
		this.onDrained?.();
	}

	closed(error: Error | null): void {
		this.error = error;
		this.note("closed");
	}

	/** All bytes that came. */
	get bytes(): Uint8Array {
		return concat(this.chunks);
	}

	has(event: keyof StreamEvents): boolean {
		return this.order.includes(event);
	}

	/** Waits until that holds; fails when the stream is gone before. */
	async until(holds: () => boolean): Promise<void> {
		while (!holds()) {
			if (this.error !== undefined) throw new Error(`the stream is gone; it told ${this.order.join(", ")}`);
			await new Promise<void>((resolve) => this.waiting.push(resolve));
		}
	}

	/** Waits until that many bytes came. */
	untilBytes(length: number): Promise<void> {
		return this.until(() => this.length >= length);
	}

	/** Waits until the stream is gone, and tells why. */
	async untilClosed(): Promise<Error | null> {
		await this.until(() => this.has("closed"));
		return this.error ?? null;
	}

	private note(event: keyof StreamEvents): void {
		if (event !== "received" || this.order.at(-1) !== "received") this.order.push(event);
		for (const resolve of this.waiting.splice(0)) resolve();
	}
}
