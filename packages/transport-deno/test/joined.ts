import assert from "node:assert/strict";
import type { ByteStream, StreamEvents } from "@barewire/endpoint";
import { attachConn } from "../src/stream.ts";

/** What a stream told, in order. */
export class Log implements StreamEvents {
	readonly told: { type: keyof StreamEvents; value?: Uint8Array | Error | null }[] = [];
	private wake: () => void = () => {};

	received(chunk: Uint8Array): void {
		this.add("received", chunk);
	}

	ended(): void {
		this.add("ended");
	}

	drained(): void {
		this.add("drained");
	}

	closed(error: Error | null): void {
		this.add("closed", error);
	}

	get types(): string[] {
		return this.told.map(({ type }) => type);
	}

	/** Waits until there is one of that type. */
	async until(type: keyof StreamEvents): Promise<Uint8Array | Error | null | undefined> {
		for (;;) {
			const found = this.told.find((event) => event.type === type);
			if (found !== undefined) return found.value;
			await new Promise<void>((resolve) => {
				this.wake = resolve;
			});
		}
	}

	private add(type: keyof StreamEvents, value?: Uint8Array | Error | null): void {
		this.told.push({ type, ...(value === undefined ? null : { value }) });
		this.wake();
	}
}

export interface Joined {
	readonly stream: ByteStream;
	readonly log: Log;
}

/** The connection as a `ByteStream`, with what it tells. */
export function joined(conn: Deno.Conn, secure: boolean = false): Joined {
	const log = new Log();
	const made: ByteStream[] = [];
	attachConn(conn, { local: null, remote: null, secure }, (stream) => {
		made.push(stream);
		return log;
	});
	assert.equal(made.length, 1);
	return { stream: made[0], log };
}

/** A raw peer, and the stream at the other end. */
export async function pair(): Promise<Joined & { peer: Deno.TcpConn }> {
	using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
	const peer = await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
	return { ...joined(await listener.accept()), peer };
}

/** Lets everything run that is ready to. */
export function turns(): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, 0));
}

/** All that comes until the end. */
export async function readAll(conn: Deno.Conn): Promise<Uint8Array> {
	return new Uint8Array(await new Response(conn.readable).arrayBuffer());
}
