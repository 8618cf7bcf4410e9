import type { Context } from "./context.ts";
import type { Driver } from "./driver.ts";
import { SharedFrames } from "./shared-frames.ts";

/** What a server has and holds now. It is counted when it is asked for: `held` and `bufferedAmount` look at each connection. */
export interface ServerStats {
	/** Connected streams, HTTP and WebSocket alike. */
	readonly connections: number;
	/** Every WebSocket, from `open` to its end. */
	readonly sockets: number;
	/** Bytes of memory that the connections hold: the sum of `held` of all `connections`. */
	readonly held: number;
	/** How many of these are counted more than once: frames of `publish`, and arrays, that wait for several connections. */
	readonly shared: number;
	/** Bytes that were sent and that the system has not taken yet: the sum over all connections. */
	readonly bufferedAmount: number;
}

/** The stats of a server, always of this moment. Its properties are its own, so that it can be copied and made JSON of. */
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
