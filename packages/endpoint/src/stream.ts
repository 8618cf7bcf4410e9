/** One end of a TCP connection. */
export interface TcpAddress {
	readonly transport: "tcp";
	readonly hostname: string;
	readonly port: number;
}

/** One end of a Unix domain socket. A client's own end has an empty path. */
export interface UnixAddress {
	readonly transport: "unix";
	readonly path: string;
}

export type Address = TcpAddress | UnixAddress;

/**
 * A connected socket of an adapter. The endpoint calls these methods. The adapter calls the `StreamEvents` that the
 * endpoint returned for this stream.
 */
export interface ByteStream {
	readonly local: Address;
	readonly remote: Address;
	/** Whether the connection uses TLS. */
	readonly secure: boolean;
	/** Bytes that were written and that the system has not taken yet. */
	readonly bufferedAmount: number;
	/**
	 * If `bufferedAmount` counts a write in full until all of it is taken: what remains of that write. It shows that a slow
	 * peer is still taking output.
	 */
	readonly writeInProgress?: number;
	/**
	 * Sends the bytes, after everything that was written before. The adapter may keep them by reference until they are sent.
	 * `more`: another write follows before this turn ends, so the adapter may wait for it. Returns false when enough is
	 * waiting: continue after `drained()`. The bytes of this call are taken all the same.
	 */
	write(bytes: Uint8Array, more: boolean): boolean;
	/** Ends the sending half after everything that was written is sent. Receiving continues. */
	end(): void;
	/**
	 * Drops the stream in both directions at once. If no other output waits, what the system has taken should still reach the
	 * peer.
	 */
	destroy(): void;
	/** Like `destroy`, but the peer gets a reset and no end. Omitted if `destroy` does that already, or if it is not possible. */
	abort?(): void;
	/** Stops `received()`. What the runtime has read already may still come. */
	pause(): void;
	resume(): void;
}

/** The events of one stream: any of the first three in any order, then `closed`, once and last. */
export interface StreamEvents {
	/** Bytes came. The endpoint owns the chunk from now on. */
	received(chunk: Uint8Array): void;
	/** The peer has ended its sending half. */
	ended(): void;
	/** After a `write()` that returned false: the system has taken what was waiting. */
	drained(): void;
	/**
	 * The stream is gone. `error`: the cause, unless `destroy()` was called or both halves have ended. A `UsageError`: the
	 * stream was dropped because bytes that waited to be sent were transferred.
	 */
	closed(error: Error | null): void;
}

/** Hands a connected stream over to the endpoint. From then on, the adapter calls the returned events. */
export type Attach = (stream: ByteStream) => StreamEvents;
