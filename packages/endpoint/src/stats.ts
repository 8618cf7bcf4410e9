import type { Context } from "./context.ts";
import type { Driver } from "./driver.ts";
import { SharedFrames } from "./shared-frames.ts";

/**
 * What a server has and holds now. The values are computed when they are read: `held` and `bufferedAmount` visit each
 * connection.
 */
export interface ServerStats {
	/** Connected streams, of HTTP and of WebSocket. */
	readonly connections: number;
	/** Every WebSocket, from `open` to its end. */
	readonly sockets: number;
	/** Bytes of memory that the connections hold: the sum of `held` of all `connections`. */
	readonly held: number;
	/** The part of `held` that is counted more than once: frames of `publish`, and arrays, that wait for several connections. */
	readonly shared: number;
	/** Bytes that were sent and that the system has not taken yet: the sum over all connections. */
	readonly bufferedAmount: number;
}

/** The current stats of a server. Its getters are own properties, so that it can be copied and converted to JSON. */
export function statsOf<Data>(context: Context<Data>): ServerStats {
	const sum = (of: (driver: Driver<Data>) => number): number => {
		let bytes = 0;
		for (const driver of context.drivers) bytes += of(driver);
		return bytes;
	};
	return {
		get connections() {
			return context.drivers.size;
		},
		get sockets() {
			return context.sockets.size;
		},
		get held() {
			return sum(({ held }) => held);
		},
		get shared() {
			return SharedFrames.of(context.drivers).bytes;
		},
		get bufferedAmount() {
			return sum(({ bufferedAmount }) => bufferedAmount);
		},
	};
}
