import type { ConnectionSnapshot } from "@barewire/connection";
import type { AdoptedState } from "./socket-session.ts";
import type { Address, ByteStream } from "./stream.ts";

/** The version of a `MovedSocket`. Other versions are refused. */
export const MOVED_VERSION = 1;

/** A socket between two processes, as plain data that can be cloned. Its unsent bytes follow it. */
export interface MovedSocket extends AdoptedState {
	readonly version: typeof MOVED_VERSION;
	readonly connection: ConnectionSnapshot;
	readonly local: Address;
	readonly remote: Address;
}

/** A stream whose socket can be given to another process. */
export interface MovableStream extends ByteStream {
	/** Reports what the runtime has read already by `received()`, and reads nothing more. */
	stopReading(): void;
	/** Reads again, unless the stream was paused. */
	startReading(): void;
	/**
	 * Closes this process's copy of the socket. Returns the bytes, at the end of all that was written, that the system has not
	 * taken. Throws a `UsageError` (ERR_TRANSFERRED), and then closes nothing.
	 */
	release(): Uint8Array;
}
