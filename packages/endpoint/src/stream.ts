/** One end of a TCP connection. */
export interface TcpAddress {
	readonly transport: "tcp";
	readonly hostname: string;
	readonly port: number;
}

/** One end of a Unix domain socket; a client's own end has an empty path. */
export interface UnixAddress {
	readonly transport: "unix";
	readonly path: string;
}

export type Address = TcpAddress | UnixAddress;

/**
 * A connected socket as an adapter shows it. The endpoint calls these; the adapter calls the `StreamEvents` that the
 * endpoint gave it for this stream.
 */
export interface ByteStream {
	readonly local: Address;
	readonly remote: Address;
	/** Whether the bytes travel under TLS. */
	readonly secure: boolean;
	/** Bytes that were written and that the system has not taken yet. */
	readonly bufferedAmount: number;
	/**
	 * Where `bufferedAmount` counts a write in full until all of it is taken: what is left of that write. It tells that a peer is
	 * taking output, however slowly.
	 */
	readonly writeInProgress?: number;
	/**
	 * Sends the bytes, after all that was written before. The adapter may keep them by reference until they are out.
	 * `more`: another write follows before this turn ends, so it may wait for that one.
	 * false: enough is waiting; `drained()` tells when to go on. The bytes are taken all the same.
	 */
	write(bytes: Uint8Array, more: boolean): boolean;
	/** Finishes the sending half once all that was written is out, and goes on receiving. */
	end(): void;
	/** Drops the stream in both directions at once. What the system has taken should still reach the peer, where nothing else waits. */
	destroy(): void;
	/** The same, so that the peer sees a reset and no end. Left out where `destroy` does that already, or nothing can. */
	abort?(): void;
	/** Stops `received()`; what the runtime has read already may still come. */
	pause(): void;
	resume(): void;
}

/** What an adapter tells about one stream, in this order: any of the first three, `closed` once and last. */
export interface StreamEvents {
	/** Bytes came. The chunk is the endpoint's from now on. */
	received(chunk: Uint8Array): void;
	/** The peer has finished its sending half. */
	ended(): void;
	/** After a `write()` that returned false: the system has taken what was waiting. */
	drained(): void;
	/**
	 * The stream is gone. `error`: why, when it was not by `destroy()` or by both halves having ended. A `UsageError`: it was dropped because
	 * bytes that waited to be sent have been transferred.
	 */
	closed(error: Error | null): void;
}

/** How an adapter hands a connected stream over: the returned events are its to call from then on. */
export type Attach = (stream: ByteStream) => StreamEvents;
