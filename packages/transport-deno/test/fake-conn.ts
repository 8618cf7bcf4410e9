import { turns } from "./joined.ts";

interface Pending<Result> {
	readonly buffer: Uint8Array;
	readonly done: PromiseWithResolvers<Result>;
}

/** A connection whose reads and writes end when the test says so. */
export class FakeConn {
	readonly localAddr: Deno.NetAddr = { transport: "tcp", hostname: "127.0.0.1", port: 1 };
	readonly remoteAddr: Deno.NetAddr = { transport: "tcp", hostname: "127.0.0.1", port: 2 };
	/** How often each was called. */
	readonly calls = { read: 0, write: 0, closeWrite: 0, close: 0 };
	/** What each write was given, copied when it was called. */
	readonly written: number[][] = [];
	private reading: Pending<number | null> | null = null;
	private writing: Pending<number> | null = null;

	read(buffer: Uint8Array): Promise<number | null> {
		if (this.reading !== null) throw new Error("two reads at once");
		this.calls.read++;
		this.reading = { buffer, done: Promise.withResolvers() };
		return this.reading.done.promise;
	}

	write(buffer: Uint8Array): Promise<number> {
		if (this.writing !== null) throw new Error("two writes at once");
		this.calls.write++;
		this.written.push([...buffer]);
		this.writing = { buffer, done: Promise.withResolvers() };
		return this.writing.done.promise;
	}

	async closeWrite(): Promise<void> {
		this.calls.closeWrite++;
	}

	close(): void {
		if (this.calls.close++ > 0) throw new Deno.errors.BadResource("Bad resource ID");
		this.reading?.done.reject(new Deno.errors.Interrupted("operation canceled"));
		this.writing?.done.reject(new Deno.errors.Interrupted("operation canceled"));
	}

	/** The bytes that the write under way was given. */
	get inFlight(): Uint8Array {
		return pending(this.writing).buffer;
	}

	/** Ends the read under way with these bytes; null: with the end. */
	give(bytes: readonly number[] | null): Promise<void> {
		const { buffer, done } = pending(this.reading);
		this.reading = null;
		if (bytes !== null) buffer.set(bytes);
		done.resolve(bytes === null ? null : bytes.length);
		return turns();
	}

	/** Ends the write under way: so many of its bytes went. */
	take(count: number): Promise<void> {
		const { done } = pending(this.writing);
		this.writing = null;
		done.resolve(count);
		return turns();
	}

	failRead(error: Error): Promise<void> {
		const { done } = pending(this.reading);
		this.reading = null;
		done.reject(error);
		return turns();
	}

	failWrite(error: Error): Promise<void> {
		const { done } = pending(this.writing);
		this.writing = null;
		done.reject(error);
		return turns();
	}

	/** As what the adapter takes. */
	get conn(): Deno.Conn {
		return this as unknown as Deno.Conn;
	}
}

function pending<Result>(operation: Pending<Result> | null): Pending<Result> {
	if (operation === null) throw new Error("nothing is under way");
	return operation;
}
